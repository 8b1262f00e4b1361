"""`python -m bot`: the command line."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

PARTS = ("run", "check", "county", "invite", "transcript", "similar")
QUICK = ("similar",)
"""Parts with one command of the same name that start alone: no database, no Telegram library."""

app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False)


@app.callback()
def _main() -> None:
    """家门口 (jiamenkou)."""


asked = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] in QUICK else None
for part in PARTS if asked is None else (asked,):
    app.registered_commands += import_module(f"bot.commands.{part}").app.registered_commands

if __name__ == "__main__":
    app()
