"""The commands, as they describe themselves."""

import inspect
from collections.abc import Iterator

import click

from gateway.cli import cli
from tests.support.reference.text import code, page, paragraph, table


def pages() -> Iterator[tuple[str, str]]:
    yield (
        "commands.md",
        page(
            "Commands",
            paragraph(
                "With `--json` a command prints one object or one array. Exit code 0 is done. 1 is refused, or failed."
                " Then the reason stands on standard error. 2 is wrong usage. All work whether or not a gateway runs."
            ),
            *(part for context in leaves(click.Context(cli, info_name="gateway")) for part in _command(context)),
        ),
    )


def leaves(context: click.Context) -> Iterator[click.Context]:
    """Every command that does something, in the order in which `--help` lists them."""
    if not isinstance(context.command, click.Group):
        yield context
        return
    for name in context.command.list_commands(context):
        command = context.command.get_command(context, name)
        assert command is not None
        yield from leaves(click.Context(command, info_name=name, parent=context))


def _command(context: click.Context) -> Iterator[str]:
    command = context.command
    yield f"## {context.command_path}"
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    yield f"```\n{usage}\n```"
    for part in inspect.cleandoc(command.help or "").split("\n\n"):
        yield paragraph(part)
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        yield table(("option", "meaning"), ((_spelled(each), _meaning(each)) for each in options))


def _spelled(option: click.Option) -> str:
    names = ", ".join(option.opts)
    if option.secondary_opts:
        names += f" / {', '.join(option.secondary_opts)}"
    if option.is_flag:
        return code(names)
    return code(f"{names} {option.metavar or option.type.name.upper()}")


def _meaning(option: click.Option) -> str:
    remarks = [
        remark for remark, holds in (("required", option.required), ("may be repeated", option.multiple)) if holds
    ]
    if option.show_default and option.default is not None:
        remarks.append(f"default {code(option.default)}")
    return f"{option.help} ({', '.join(remarks)})" if remarks else str(option.help)
