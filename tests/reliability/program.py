"""The real program in a process of its own, to be killed at any moment and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from storage.outbox import OutboundMessage, OutState
from tests.fake_bot_api import FakeBotApi

LIBRARIES = ("aiogram", "ptb")


class Program:
    """`python -m bot run` over one database; every start takes the other Telegram library.

    under: a command that runs it (strace and its options).
    """

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        url: str,
        key_file: Path,
        *,
        role: str = "all",
        name: str = "program",
        under: Sequence[str] = (),
        **env: str,
    ) -> None:
        self._command = [*under, sys.executable, "-m", "bot", "run", "--role", role]
        self.log = folder / f"{name}.log"
        self.starts = 0
        self.kills = 0
        self.in_flight = 0
        """Messages (not changes) that stood as `sending` at the kills, added up."""
        self._engine = engine
        self._process: asyncio.subprocess.Process | None = None
        self._env = os.environ | {
            "DATABASE_URL": url,
            "KEY_FILE": str(key_file),
            "MEDIA_DIR": str(folder / "media"),
            "WEB_PORT": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": os.environ.get("PYTHONPATH", os.getcwd()),
            **env,
        }

    async def start(self) -> None:
        """Start it; returns at once, so that a kill may meet it half awake."""
        env = self._env | {"TELEGRAM_LIBRARY": LIBRARIES[self.starts % len(LIBRARIES)]}
        self.starts += 1
        with open(self.log, "ab") as log:  # noqa: ASYNC230
            self._process = await asyncio.create_subprocess_exec(
                *self._command, env=env, stdout=log, stderr=log
            )

    @property
    def pid(self) -> int:
        """The number of the process that runs now."""
        assert self._process
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        """End it as a power cut would, and note what was on its way."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        assert await self._process.wait() == -signal.SIGKILL, self.told()
        self.kills += 1
        self.in_flight += await asyncio.to_thread(self._sending)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While in here it does nothing, and then goes on."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        """End it as an operator does."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self._process.wait(), 30) == 0, self.told()

    async def abandon(self) -> None:
        """Whatever happened, leave nothing running."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def told(self) -> str:
        """The end of what it logged."""
        return self.log.read_text("utf-8", "replace")[-4000:]

    def _sending(self) -> int:
        with Session(self._engine) as session:
            if self._engine.dialect.name == "postgresql":
                _wait_for_its_last_commit(session)
            return (
                session.scalar(
                    select(func.count()).where(
                        OutboundMessage.state == OutState.SENDING, OutboundMessage.edits.is_(None)
                    )
                )
                or 0
            )


def _wait_for_its_last_commit(session: Session) -> None:
    """A server finishes what a client asked for although the client is dead."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"
    )
    while session.scalar(others):
        session.rollback()
        time.sleep(0.01)
    session.rollback()


class CountingApi(FakeBotApi):
    """The fake server, which also counts how often it handed out each update."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: dict[int, int] = {}

    async def _get_updates(self, bot: object, asked: object) -> list[dict[str, object]]:
        updates = await super()._get_updates(bot, asked)  # type: ignore[arg-type]
        for update in updates:
            update_id = int(str(update["update_id"]))
            self.handed[update_id] = self.handed.get(update_id, 0) + 1
        return updates

    async def called_again(self) -> None:
        """Wait for the next call of any bot."""
        calls = len(self.calls)
        async with asyncio.timeout(60):
            while len(self.calls) == calls:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    @property
    def redelivered(self) -> int:
        """How often an update went out that had gone out before."""
        return sum(times - 1 for times in self.handed.values())


async def keep_killing(
    program: Program,
    chance: random.Random,
    enough: Callable[[], bool],
    awake: Callable[[], Awaitable[object]],
    *,
    longest: float = 1.2,
    trouble: Callable[[], None] = lambda: None,
) -> None:
    """Kill it at random moments until `enough`; in the end it runs.

    awake: waits until the program that was started last does something. One kill in four does not
    wait for that: it comes somewhere in the start, which may last longer than the work.
    """
    await program.start()
    while not enough():
        trouble()
        if chance.random() < 0.25:
            await asyncio.sleep(chance.uniform(0.1, 2.0))
        else:
            await awake()
            await asyncio.sleep(chance.uniform(0.0, longest))
        await program.kill()
        await program.start()
