"""`python -m bot run`: the bot, until it is stopped."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import threading
from typing import Annotated, Any

import structlog
import typer
from sqlalchemy.orm import Session

from bot import logs
from bot.app import App, build
from bot.clock import system_clock
from bot.commands.check_places import trouble_at
from bot.commands.house import read_settings, say_why_not
from bot.roles import Role
from bot.settings import Settings
from bot.wording import Wording
from storage import areas, sample
from storage.alone import Alone, NotAlone
from storage.database import sqlite_file

log = structlog.get_logger(__name__)

SEED = 365
LONGEST_STOP = 25.0
"""Seconds from the wish to stop until it ends whatever still hangs; systemd's patience, as
docs/how-to/run-for-real.md sets it, is 30."""

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
    settings = read_settings(starts=True)
    logs.configure(settings.log_level)
    wording = Wording(settings.time_zone)
    if role is Role.SENDER and not (settings.telegram_token or settings.telegram_staff_token):
        say(wording, "nothing_to_send", error=True)
        raise typer.Exit(1)
    try:
        alone = _alone(settings, role, wording)
        program = build(settings, role=role)
    except typer.Exit:
        raise
    except Exception as error:
        say_why_not(settings, error)
    if with_sample:
        _load_sample(program)
    watchdog = threading.Timer(LONGEST_STOP, _end_by_force)
    watchdog.daemon = True
    try:
        asyncio.run(_run(program, watchdog))
    except OSError as error:
        closed = _closed_ports(settings, role)
        if not closed:
            raise error
        say(wording, "port_closed", error=True, host=settings.web_host, closed=closed)
        raise typer.Exit(1) from None
    finally:
        watchdog.cancel()
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


def _closed_ports(settings: Settings, role: Role) -> list[dict[str, Any]]:
    """The ports that nothing can listen on, each with its setting and the reason."""
    ports = {"WEB_PORT": settings.web_port} if role.serves else {}
    ports |= {"STATUS_PORT": settings.status_port} if settings.status_port else {}
    found = {name: trouble_at(settings.web_host, port) for name, port in ports.items()}
    if len(ports) > len(set(ports.values())):  # the page took it a moment ago, by itself it is free
        found["STATUS_PORT"] = OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    return [
        {
            "setting": name,
            "port": ports[name],
            "taken": trouble.errno == errno.EADDRINUSE,
            "reason": trouble.strerror,
        }
        for name, trouble in found.items()
        if trouble is not None
    ]


def _bots(program: App) -> list[tuple[str, bool]]:
    """Each bot, and whether Telegram has answered where this process asks it."""
    return [
        (name, name not in program.opened or getattr(channel, "is_open", True))
        for name, channel in program.channels.items()
        if name != "web"
    ]


def _end_by_force() -> None:
    """A thread waits for a database that says nothing. What was confirmed is stored; the rest comes
    again or stands as perhaps sent, as after a power cut."""
    log.critical("stopped by force", seconds=LONGEST_STOP)
    os._exit(1)


async def _run(program: App, watchdog: threading.Timer) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    try:
        await program.start()
        say(
            program.wording,
            "started",
            role=program.role.value,
            address=(program.settings.public_url or program.web.address)
            if program.role.serves
            else "",
            status=program.status.address,
            demo=program.settings.web_demo,
            telegram=_bots(program),
        )
        await stopped.wait()
    finally:
        watchdog.start()
        await program.stop()
    say(program.wording, "stopped")
