"""Groups of commands: what one needs is imported when it is asked for, and errors become one line and an exit code."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from gateway.domain.errors import GatewayError


class LazyGroup(click.Group):
    """A group that has commands in modules which are imported only for them.

    `modules` names the module of each such command, which has it in its `COMMANDS`.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._modules})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._modules:
            return super().get_command(ctx, cmd_name)
        commands: tuple[click.Command, ...] = import_module(self._modules[cmd_name]).COMMANDS
        return next(command for command in commands if command.name == cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names alone: to say what each command does, all that they need would be imported at each key."""
        names = [CompletionItem(name) for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)


class LazyCommand(NamedTuple):
    """Where a command is, and what it does in one line."""

    module: str
    about: str


class RootGroup(LazyGroup):
    """Lists its commands without importing any; turns what we can name into one message and exit code 1.

    `about` says what each command does.
    """

    def __init__(self, *args: Any, about: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._about = about

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(self._about.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            raise click.ClickException(str(error)) from error
