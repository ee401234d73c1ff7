"""What a new provider still lacks, in plain words: each failure names the path to create, or the line to write."""

from pathlib import Path

import pytest

import gateway.providers
from gateway.providers.provider import Provider
from gateway.providers.registry import providers
from gateway.providers.rehearsal import HookProbe, Script
from tests.providers.specimens import FOLDER, specimens
from tests.support.http_samples import sample_folder

PACKAGES = Path(gateway.providers.__file__).parent
# What the providers share.
SHARED = {"twiml", "wire"}
EVERY = pytest.mark.parametrize("provider", providers(), ids=lambda provider: provider.name)


def folders(parent: Path) -> set[str]:
    return {each.name for each in parent.iterdir() if each.is_dir() and each.name != "__pycache__"} - SHARED


def test_every_folder_is_of_a_provider_in_the_registry() -> None:
    registered = {provider.name for provider in providers()}

    for name in sorted(folders(PACKAGES) - registered):
        pytest.fail(
            f"gateway/providers/registry.py does not name {name}: import its value, and write it into the table"
        )
    for name in sorted(folders(FOLDER) - registered):
        pytest.fail(f"tests/providers/{name} is of no provider in the registry: remove it")


@EVERY
def test_a_provider_has_a_kit(provider: Provider) -> None:
    kits = list((PACKAGES / provider.name).glob("kit*"))

    assert len(kits) == len(provider.kinds), (
        f"create gateway/providers/{provider.name}/kit.txt (one a kind): what an operator pastes into {provider.title}"
    )


@EVERY
def test_a_provider_has_a_page_on_how_it_is_connected(provider: Provider) -> None:
    page = PACKAGES / provider.name / "connect.md"

    assert page.exists(), f"create gateway/providers/{provider.name}/connect.md: how {provider.title} is connected"


@EVERY
def test_a_provider_can_be_compared_with_the_others(provider: Provider) -> None:
    for kind in provider.kinds:
        assert all(kind.features.cells()), (
            f"say each feature of {kind.title} in gateway/providers/{provider.name}/__init__.py, or leave it None"
        )


@EVERY
def test_a_provider_is_rehearsed(provider: Provider) -> None:
    for kind in provider.kinds:
        assert isinstance(kind.rehearsal, Script | HookProbe), (
            f"create gateway/providers/{provider.name}/rehearsal.py: a Script of {kind.title}, or a HookProbe"
            " where only the provider can sign"
        )


@EVERY
def test_a_provider_has_recorded_hooks(provider: Provider) -> None:
    for kind in provider.kinds:
        folder = sample_folder(kind.adapter.name)
        path = folder.relative_to(FOLDER.parents[1])

        assert list(folder.glob("*.http")), f"create {path}/start.http, and others: hooks as {kind.title} sends them"
        assert (FOLDER / provider.name / "test_samples.py").exists(), (
            f"create tests/providers/{provider.name}/test_samples.py: what the hooks mean"
        )


@EVERY
def test_a_provider_says_what_the_shared_tests_need_to_know(provider: Provider) -> None:
    file = f"tests/providers/{provider.name}/provider.py"

    for kind in provider.kinds:
        specimen = specimens().get(kind.adapter.name)
        assert specimen is not None, (
            f"create {file}: KINDS with a Specimen of {kind.adapter.name}: connections, traps, what is rehearsed"
        )
        assert specimen.connections, f"{file}: a Specimen needs a connection"
        is_scripted = isinstance(kind.rehearsal, Script)
        assert (specimen.rehearsed is not None) == is_scripted, f"{file}: `rehearsed` is for a kind that has a script"


@EVERY
def test_a_provider_promises_what_every_provider_promises(provider: Provider) -> None:
    texts = [path.read_text() for path in (FOLDER / provider.name).glob("test_*.py")]

    assert sum(text.count("(ProviderCases)") for text in texts) >= len(provider.kinds), (
        f"create tests/providers/{provider.name}/test_adapter.py: a class of ProviderCases with its driver, a kind each"
    )
