"""Who does things in tests."""

from gateway.domain.access.actor import command_line

CLERK = command_line("clerk")
