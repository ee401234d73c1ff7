"""`connection` and `kit`: the configured providers, and what is pasted into them."""

import click

from gateway.cli.invocation import Invocation
from gateway.cli.output import json_option, print_many, print_one
from gateway.domain.errors import NotFound
from gateway.providers import adapters

COLUMNS = ("name", "kind", "auth", "state", "webhook_url", "control_url")


@click.group()
def connection() -> None:
    """Configured provider accounts."""


@connection.command("list")
@json_option
@click.pass_obj
def list_connections(invocation: Invocation, *, as_json: bool) -> None:
    """List the connections; their secrets are counted, not shown."""
    settings = invocation.settings()
    found = [
        {
            "name": each.name,
            "kind": each.kind,
            "auth": each.auth,
            # R33: a connection without a secret is off.
            "state": "on" if each.secrets else "off",
            "secrets": len(each.secrets),
            "webhook_url": f"{settings.public_url}/hooks/{each.name}",
            "control_url": each.control_url,
        }
        for each in settings.connections.values()
    ]
    print_many(found, as_json=as_json, columns=COLUMNS)


@click.command()
@click.argument("name", metavar="CONNECTION")
@json_option
@click.pass_obj
def kit(invocation: Invocation, *, name: str, as_json: bool) -> None:
    """Print what is pasted into a connection's provider, filled in for this installation."""
    settings = invocation.settings()
    if name not in settings.connections:
        raise NotFound(
            f"there is no connection {name}; the configuration has {', '.join(settings.connections) or 'none'}"
        )
    configured = settings.connections[name]
    text = adapters()[configured.kind].kit(configured, public_url=settings.public_url)
    if as_json:
        print_one({"connection": name, "kit": text}, as_json=True)
    else:
        click.echo(text.rstrip("\n"))


COMMANDS: tuple[click.Command, ...] = (connection, kit)
