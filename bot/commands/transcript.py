"""`python -m bot transcript`: the main path as it really goes over a channel, printed as a talk.

The real program in a temporary folder, the real adapter, and for Telegram the fake Bot API server
of the tests: the talk itself and the people who speak it stand in `tests/conversations`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from bot import logs
from bot.clock import system_clock
from bot.wording import Wording
from storage.database import migrate, open_engine
from storage.vault import open_vault

ROOT = Path(__file__).parents[2]
INDENT = "      "

app = typer.Typer()


class ChannelName(StrEnum):
    """The channels that a transcript can be made of."""

    WEB = "web"
    AIOGRAM = "aiogram"
    PTB = "ptb"


@app.command("transcript")
def transcript(
    channel: Annotated[ChannelName, typer.Option(help="Which channel to go through.")],
    matter: Annotated[
        str, typer.Option(help="Another matter than the main path: see --matter help.")
    ] = "",
) -> None:
    """把一件事在一个渠道上从头到尾真实走一遍并打印出来 (a matter, as it really went)."""
    wording = Wording("Asia/Shanghai")
    try:
        talk = _parts()
    except ModuleNotFoundError as missing:
        if missing.name is None or not missing.name.startswith("tests"):
            raise
        typer.echo(wording.render("cli/transcript", {}, "no_tests"), err=True)
        raise typer.Exit(1) from None
    known = talk["matters"].MATTERS
    if matter and matter not in known:
        typer.echo(wording.render("cli/transcript", {"names": list(known)}, "which"), err=True)
        raise typer.Exit(2)
    logs.configure("ERROR")
    with _unproxied(), tempfile.TemporaryDirectory(prefix="jiamenkou-") as folder:
        fault = asyncio.run(_go(wording, talk, channel, Path(folder), matter))
    if fault:
        raise typer.Exit(1)


def _parts() -> Any:
    """The tests' own town and talk. Raises ModuleNotFoundError without the tests folder."""
    if not (ROOT / "tests" / "conversations").is_dir():
        raise ModuleNotFoundError("no tests here", name="tests")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return {
        name: importlib.import_module(f"tests.conversations.{name}")
        for name in ("county", "main_path", "matters", "town", "whole_county")
    }


@contextlib.contextmanager
def _unproxied() -> Iterator[None]:
    """Nothing of this leaves the machine, so the operator's proxies are not asked."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if _is_proxy(name)}
    try:
        yield
    finally:
        os.environ.update(kept)


def _is_proxy(name: str) -> bool:
    return name.lower().endswith("_proxy")


async def _go(wording: Wording, talk: Any, channel: ChannelName, folder: Path, matter: str) -> bool:
    """Play the talk and print it; whether it got stuck. matter: empty for the main path."""
    key_file, url = folder / "key", f"sqlite:///{folder / 'town.db'}"
    engine = open_engine(url, open_vault(key_file, create=True))
    migrate(engine)
    with Session(engine) as session, session.begin():
        if matter:
            talk["whole_county"].found_whole_county(session, system_clock())
        else:
            talk["county"].found_town(session, system_clock())
    engine.dispose()

    def say(block: str, **facts: object) -> None:
        typer.echo(wording.render("cli/transcript", facts, block))

    say("title", channel=wording.render("cli/transcript", {}, f"channel_{channel}"))
    began = time.monotonic()
    trouble = ""
    async with talk["town"].Town(folder, url, key_file, channel.value) as town:
        town.on_line = lambda line: _print(wording, line)
        try:
            if matter:
                await talk["matters"].play(town, matter)
            else:
                await talk["main_path"].main_path(town)
            await town.check()
        except AssertionError as error:
            trouble = str(error).partition("\n")[0]
        town.look()
        count = len(town.lines)
    if trouble:
        say("stuck", trouble=trouble)
    else:
        say("done", seconds=f"{time.monotonic() - began:.1f}", count=count)
    return bool(trouble)


def _print(wording: Wording, line: Any) -> None:
    buttons = "".join(f"［{label}］" for label in line.buttons)
    body = line.text.replace("\n", f"\n{INDENT}")
    facts = {"line": line, "body": body, "buttons": f"{INDENT}{buttons}" if buttons else ""}
    block = "said" if line.mine else "heard"
    typer.echo(wording.render("cli/transcript", facts, block))
