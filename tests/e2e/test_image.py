"""The Dockerfile's image is built and run: it serves as its own account, with its own database or with another."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.debian_server import debian_programs, debian_server
from tests.support.image import DATA, ROOT, TAG, Container, built, missing
from tests.support.postgres import QUICK, throwaway_directory
from tests.support.processes import SECRET, a_rate, an_account, connected, provider

CALLER = "+15550100001"
CONFIG = f'[connections.trunk]\nkind = "native"\nsecrets = ["{SECRET}"]\n'

LACKING = [*missing(), *(["postgresql"] if debian_programs() is None else [])]


@pytest.mark.timeout(600)
@pytest.mark.skipif(LACKING != [], reason=f"the image cannot be built and run here without {', '.join(LACKING)}")
async def test_the_image_is_whole_and_serves_with_its_own_database_and_with_another() -> None:
    """One test, as the image takes a minute to build."""
    with throwaway_directory(memory=True) as directory, built(directory) as store, store.container(TAG) as container:
        assert lacking_in(container) == []
        own = int(container.run("id", "-u"))
        assert own != 0

        with volume_of(own) as data:
            dsn = f"postgresql://postgres@/gateway?host={data / 'run'}"
            await serves(container, data, {}, dsn=dsn, database="embedded")
        with volume_of(own) as data, throwaway_directory(memory=True) as apart:
            async with debian_server(apart / "postgres", QUICK) as url:
                await serves(container, data, {"GATEWAY_DATABASE_URL": url}, dsn=url, database="external")


def lacking_in(container: Container) -> list[Path]:
    """What of the source is not in the image."""
    [packages] = container.mounted().glob("opt/gateway/lib/python*/site-packages")
    source = [path for path in (ROOT / "gateway").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    queries = list((ROOT / "sql").rglob("*.sql"))
    places = [packages / path.relative_to(ROOT) for path in source]
    places += [packages / "gateway/_sql" / path.relative_to(ROOT / "sql") for path in queries]
    return [place for place in places if not place.exists()]


@contextmanager
def volume_of(uid: int) -> Iterator[Path]:
    """The container's data: the account's own, with a configuration in it."""
    with throwaway_directory(memory=True) as directory:
        volume = directory / "volume"
        volume.mkdir(mode=0o700)
        (volume / "gateway.toml").write_text(CONFIG)
        for path in (volume, volume / "gateway.toml"):
            os.chown(path, uid, -1)
        yield volume


async def serves(container: Container, data: Path, more: Mapping[str, str], *, dsn: str, database: str) -> None:
    """It is as it says, its own account's, healthy, connects a call, and ends when it is told to."""
    async with container.serve(data, {"GATEWAY_CONFIG": f"{DATA}/gateway.toml", **more}) as served:
        assert (await served.first_line()).items() >= {"data": DATA, "database": database}.items()
        assert set(served.programs().values()) == {int(container.run("id", "-u"))}
        assert container.is_healthy(served)
        async with connected(dsn) as conn, provider() as pbx:
            await a_rate(conn)
            await an_account(conn, CALLER)
            assert (await pbx.get(served.url, "/readyz")).reply["ready"] is True
            assert (await pbx.start(served.url, "a1", caller=CALLER)).reply["action"] == "connect"
            assert (await pbx.end(served.url, "a1")).status == 200
        assert await served.stop() == 0
        assert served.programs() == {}
