"""One run over the fake Telegram: people talk, the program dies again and again, all is counted."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storage import outbox
from tests.reliability.account import (
    Figures,
    check_chats,
    check_inbox,
    check_nothing_waits,
    check_tickets,
)
from tests.reliability.program import CountingApi, Program, keep_killing
from tests.reliability.street import PATIENCE, Ledger, Resident, serving_all, settle

TOKEN = "1001:" + "r" * 35


async def run_kills(
    folder: Path,
    engine: Engine,
    url: str,
    key_file: Path,
    *,
    seed: int,
    kills: int,
    updates: int = 0,
    residents: int = 12,
    seconds: float = 300,
    longest: float = 1.2,
    patience: float = PATIENCE,
) -> Figures:
    """Let the street talk until the program was killed so often and so many updates came in.

    seconds: then it is enough in any case. longest: how many seconds the program may live, from
    its first call on. Everything is checked; gives the figures.
    """
    chance, ledger = random.Random(seed), Ledger()
    street = settle(engine, residents)
    until = time.monotonic() + seconds
    async with CountingApi() as server:
        bot = server.bot(TOKEN)
        server.shuffle = random.Random(seed + 1)
        env = {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_BASE": server.url,
            "TELEGRAM_RATE": "0",
        }
        program = Program(folder, engine, url, key_file, **env)
        users = {chat: server.user(chat, bot=bot) for chat in (*street.residents, *street.workers)}

        def enough() -> bool:
            late = time.monotonic() > until
            return late or (program.kills >= kills and len(server.handed) >= updates)

        async def live(resident: Resident) -> None:
            await resident.files()
            while not enough():
                await resident.files()

        def trouble() -> None:
            server.duplicate(chance.randrange(4))

        lives = [
            asyncio.create_task(live(Resident(users[c], ledger, patience)))
            for c in street.residents
        ]
        for life in lives:
            life.add_done_callback(lambda _: server._wake())
        others = serving_all(street, users, ledger, lives, patience)
        try:
            await asyncio.gather(
                *lives,
                *others,
                keep_killing(
                    program, chance, enough, server.called_again, longest=longest, trouble=trouble
                ),
            )
            await settled(engine, server)
            await program.stop()
        except BaseException:
            print(program.told())
            raise
        finally:
            await program.abandon()

        events = sum(not one.by_bot for user in users.values() for one in user.chat)
        with Session(engine) as session:
            check_inbox(session, events + len(bot.queries))
            figures = Figures(
                database=engine.dialect.name,
                kills=program.kills,
                updates=len(server.handed),
                redeliveries=server.redelivered,
                tickets=check_tickets(session, ledger),
                replies=check_nothing_waits(session),
                in_flight=program.in_flight,
                uncertain=outbox.counts(session)["uncertain"],
                doubled=check_chats(session, users.values()),
            )
    assert server.violations == []
    assert figures.uncertain <= figures.in_flight
    assert figures.doubled <= figures.in_flight
    return figures


async def settled(engine: Engine, server: CountingApi) -> None:
    """Wait until every update is confirmed and everything queued is sent."""

    def waiting() -> int:
        with Session(engine) as session:
            counts = outbox.counts(session)
        return counts.get("queued", 0) + counts.get("sending", 0)

    bots = list(server.bots.values())
    async with asyncio.timeout(60):
        while any(bot.queue for bot in bots) or await asyncio.to_thread(waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
