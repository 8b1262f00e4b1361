"""`python -m bot`: the command line."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command_from_info, get_group_from_info

PARTS = (
    "run",
    "check",
    "audit",
    "backup",
    "county",
    "invite",
    "stats",
    "notice",
    "transcript",
    "classify",
    "understand",
    "similar",
    "directory",
)
"""The modules of `bot.commands`, in the order their commands are listed."""
LIGHT = {name: name for name in ("classify", "understand", "similar", "directory")}
"""Commands that must start quickly: called by name, only their module is imported."""


class Commands(TyperGroup):
    """Imports the commands only when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        self._load(*PARTS)
        return list(super().list_commands(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, or None."""
        self._load(*([LIGHT[cmd_name]] if cmd_name in LIGHT else PARTS))
        return super().get_command(ctx, cmd_name)

    def _load(self, *parts: str) -> None:
        for part in parts:
            app = import_module(f"bot.commands.{part}").app
            for group in app.registered_groups:
                self.add_command(
                    get_group_from_info(
                        group,
                        pretty_exceptions_short=True,
                        suggest_commands=True,
                        rich_markup_mode="rich",
                    )
                )
            for info in app.registered_commands:
                self.add_command(
                    get_command_from_info(
                        info, pretty_exceptions_short=True, rich_markup_mode="rich"
                    )
                )


app = typer.Typer(pretty_exceptions_show_locals=False)


@app.callback(cls=Commands, no_args_is_help=True)
def program() -> None:
    """家门口：居民在聊天里说，家门口的人在聊天里办。"""


if __name__ == "__main__":
    app()
