"""`python -m bot run`: the bot, until it is stopped."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import logs
from bot.app import App, build
from bot.clock import system_clock
from bot.commands.house import say_why_not
from bot.roles import Role
from bot.settings import Settings
from bot.wording import Wording
from storage import areas, sample
from storage.alone import Alone, NotAlone
from storage.database import sqlite_file
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
    role: Annotated[
        Role, typer.Option(help="What this process does; parts of it need PostgreSQL.")
    ] = Role.ALL,
) -> None:
    """启动家门口 (run the bot)."""
    gc.freeze()  # what is imported stays: the collection at the start need not look through it
    settings = Settings()
    logs.configure(settings.log_level)
    wording = Wording(settings.time_zone)
    try:
        alone = _alone(settings, role, wording)
        program = build(settings, role=role)
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
        ports = [settings.web_port] if role.serves else []
        ports += [settings.status_port] if settings.status_port else []
        say(wording, "port_taken", error=True, ports=ports)
        raise typer.Exit(1) from None
    finally:
        if alone is not None:
            alone.let_go()


def _alone(settings: Settings, role: Role, wording: Wording) -> Alone | None:
    """The lock on a SQLite file; None on PostgreSQL. Raises typer.Exit after saying why not."""
    file = sqlite_file(settings.database_url)
    if file is None:
        return None
    if role is not Role.ALL:
        say(wording, "role_needs_postgresql", error=True, role=role.value)
        raise typer.Exit(1)
    try:
        return Alone(file)
    except NotAlone:
        say(wording, "not_alone", error=True, file=file)
        raise typer.Exit(1) from None
    except OSError as error:
        say(wording, "no_lock", error=True, file=file, trouble=error.strerror)
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
            role=program.role.value,
            address=(program.settings.public_url or program.web.address)
            if program.role.serves
            else "",
            status=program.status.address,
            demo=program.settings.web_demo,
            telegram=[name for name in program.channels if name != "web"],
        )
        await stopped.wait()
    finally:
        await program.stop()
        say(program.wording, "stopped")
