"""`python -m bot`: the command line."""

from __future__ import annotations

import typer

from bot.commands import check, county, invite, run, transcript

app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False)
for part in (run, check, county, invite, transcript):
    app.registered_commands += part.app.registered_commands

if __name__ == "__main__":
    app()
