"""One connection of every kind, without anything that would let the gateway ask a provider."""

import json

from gateway.domain.connection import Connection
from tests.providers.specimens import specimens

CONNECTIONS = {each.name: each for specimen in specimens().values() for each in specimen.connections}


def toml_of(*connections: Connection) -> str:
    """The tables of a configuration file that say the same."""
    lines: list[str] = []
    for each in connections:
        said = {"kind": each.kind, **each.options} | ({"auth": each.auth} if each.kind == "native" else {})
        said |= {"control_url": each.control_url} if each.control_url is not None else {}
        lines += [f"[connections.{each.name}]", f"secrets = {json.dumps(each.secrets)}"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in said.items()]
    return "\n".join(lines)
