"""`completion`: what has a shell complete commands, options and their choices."""

from typing import Final

import click
from click.shell_completion import get_completion_class

PROGRAM: Final = "gateway"
# By which the shell asks the program itself.
VARIABLE: Final = "_GATEWAY_COMPLETE"
SHELLS: Final = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(click_context: click.Context, *, shell: str) -> None:
    """Print what a shell needs to complete commands, options and their choices.

    For bash, `eval "$(gateway completion bash)"` in ~/.bashrc; for zsh the same with zsh, in ~/.zshrc; for fish,
    `gateway completion fish > ~/.config/fish/completions/gateway.fish`.
    """
    found = get_completion_class(shell)
    assert found is not None, "click has these"  # noqa: S101
    click.echo(found(click_context.find_root().command, {}, PROGRAM, VARIABLE).source())


COMMANDS: tuple[click.Command, ...] = (completion,)
