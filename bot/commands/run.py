"""`python -m bot run`: the bot, until it is stopped."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import logs
from bot.app import App, build
from bot.clock import system_clock
from bot.commands.house import say_why_not
from bot.settings import Settings
from bot.wording import Wording
from storage import areas, sample
from storage.vault import KeyFileError

SEED = 365

app = typer.Typer()


def say(wording: Wording, block: str, *, error: bool = False, **facts: object) -> None:
    """Print one sentence of templates/cli/run.j2."""
    typer.echo(wording.render("cli/run", facts, block), err=error)


@app.command("run")
def run(
    with_sample: Annotated[
        bool, typer.Option("--sample", help="Load the small sample into an empty database.")
    ] = False,
) -> None:
    """启动家门口 (run the bot)."""
    settings = Settings()
    logs.configure(settings.log_level)
    wording = Wording(settings.time_zone)
    try:
        program = build(settings)
    except (KeyFileError, SQLAlchemyError) as error:
        say_why_not(wording, error)
        raise typer.Exit(1) from None
    if with_sample:
        _load_sample(program)
    try:
        asyncio.run(_run(program))
    except OSError as error:
        if error.errno is None:
            raise
        say(wording, "port_taken", error=True, port=settings.web_port)
        raise typer.Exit(1) from None


def _load_sample(program: App) -> None:
    with Session(program.database) as session:
        if areas.county(session) is not None:
            return
    sample.make(program.database, program.vault, "small", SEED, system_clock(), lambda *_: None)


async def _run(program: App) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    await program.start()
    try:
        say(
            program.wording,
            "started",
            address=program.settings.public_url or program.web.address,
            demo=program.settings.web_demo,
            telegram=[name for name in program.channels if name != "web"],
        )
        await stopped.wait()
    finally:
        await program.stop()
        say(program.wording, "stopped")
