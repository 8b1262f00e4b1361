"""The database goes away while people talk and a notice goes out to all of them."""

from __future__ import annotations

import asyncio
import resource
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from benchmarks import households
from storage import areas, outbox
from storage.areas import Level
from storage.database import migrate, open_engine, sqlite_file
from storage.notices.tables import Notice, NoticeState, Receipt, ReceiptState
from storage.people import Person
from storage.posts import Post, Role
from storage.vault import open_vault
from tests.postgres import PostgresServer
from tests.reliability.account import (
    Figures,
    check_chats,
    check_inbox,
    check_nothing_waits,
    check_tickets,
)
from tests.reliability.kills import TOKEN, settled
from tests.reliability.program import CountingApi, Program
from tests.reliability.street import Ledger, Resident, serving_all, settle

NOTICED = ("database is away", "database is back")


class Where:
    """A database of one kind, and how it is taken away for a while.

    away: for how many seconds. By default longer than a SQLite connection waits for a lock.
    """

    def __init__(self, kind: str, stack: ExitStack, away: float = 33.0) -> None:
        self._away = away
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jmk-soak-")))
        self.url = f"sqlite:///{self.folder / 'soak.db'}"
        self._server: PostgresServer | None = None
        if kind == "postgresql":
            self._server = PostgresServer({})
            stack.callback(self._server.stop)
            self.url = self._server.create()
        self.key_file = self.folder / "soak.key"
        self.engine: Engine = open_engine(self.url, open_vault(self.key_file, create=True))
        stack.callback(self.engine.dispose)
        migrate(self.engine)

    async def away(self, _: Program | None = None) -> None:
        """Nobody gets at the database for a while: SQLite is locked by somebody else, PostgreSQL
        crashed and is started again."""
        if self._server is None:
            with self.engine.connect() as connection, connection.begin():
                connection.execute(text("SELECT 1"))  # it began with BEGIN IMMEDIATE
                await asyncio.sleep(self._away)
            return
        await asyncio.to_thread(self._server.kill)
        await asyncio.sleep(self._away)
        await asyncio.to_thread(self._server.start_again)

    async def full(self, program: Program) -> None:
        """No file of the program's can grow for a while, as on a full disk."""
        path = sqlite_file(self.url)
        assert path is not None
        _, hard = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)
        most = path.stat().st_size // 4
        resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (most, hard))
        try:
            await asyncio.sleep(10)
        finally:
            resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (hard, hard))


async def run_outage(
    where: Where, *, recipients: int, rate: float = 30.0, talkers: int = 3
) -> Figures:
    """A notice to everybody in the street, some of whom talk meanwhile, and an outage in it.

    Nothing may be lost, and nothing be there twice. Gives the figures.
    """
    engine, ledger = where.engine, Ledger()
    street = settle(engine, recipients)
    with Session(engine) as session, session.begin():
        admin = Person(name="管理员", created_at=datetime.now(UTC))
        session.add(admin)
        session.flush()
        county = areas.named(session, None, areas.area_key(Level.COUNTY, "青禾县"))
        assert county is not None
        session.add(Post(person_id=admin.id, role=Role.ADMIN.value, area_id=county.id))
    notice = households.write_notice(engine, emergency=True)
    async with CountingApi() as server:
        bot = server.bot(TOKEN)
        users = {chat: server.user(chat, bot=bot) for chat in (*street.residents, *street.workers)}
        program = Program(
            where.folder, engine, where.url, where.key_file,
            TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_BASE=server.url, TELEGRAM_RATE=str(rate),
        )  # fmt: skip
        back = asyncio.Event()

        def told() -> Counter[int]:
            """How often each has the notice."""
            return Counter(
                chat
                for chat in street.residents
                for message in users[chat].received
                if households.TEXT in message.text
            )

        async def go_away() -> None:
            while len(told()) < recipients // 4 or not ledger.filed:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            assert len(told()) < recipients, "all was over before it went away"
            await where.away()
            back.set()

        async def live(resident: Resident) -> None:
            await resident.files()
            while not back.is_set():
                await resident.files()

        lives = [
            asyncio.create_task(live(Resident(users[chat], ledger, 120)))
            for chat in street.residents[:talkers]
        ]
        for life in lives:
            life.add_done_callback(lambda _: server._wake())

        serving = serving_all(street, users, ledger, lives, 120)
        await program.start()
        try:
            async with asyncio.timeout(300):
                await asyncio.gather(go_away(), *lives, *serving)
                while not await asyncio.to_thread(_is_done, engine, notice):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await settled(engine, server)
            await program.stop()
        except BaseException:
            print(program.told())
            raise
        finally:
            await program.abandon()
        assert server.violations == []
        if engine.dialect.name == "postgresql":  # SQLite's lock may be waited for
            log = program.log.read_text("utf-8", "replace")
            assert all(words in log for words in NOTICED), "nobody noticed that it was away"
            assert len(log.splitlines()) < 40, "an outage is a few lines"
            assert "Traceback" not in log
        with Session(engine) as session:
            said = sum(not one.by_bot for user in users.values() for one in user.chat)
            check_inbox(session, said + len(bot.queries))
            states = set(session.scalars(select(Receipt.state).where(Receipt.chat.is_not(None))))
            assert states == {ReceiptState.SENT}
            assert set(told()) == set(street.residents), "somebody was left out"
            return Figures(
                database=engine.dialect.name,
                kills=0,
                updates=len(server.handed),
                redeliveries=server.redelivered,
                tickets=check_tickets(session, ledger),
                replies=check_nothing_waits(session),
                in_flight=0,
                uncertain=outbox.counts(session)["uncertain"],
                doubled=check_chats(session, users.values()),
            )


def _is_done(engine: Engine, notice: int) -> bool:
    with Session(engine) as session:
        state = session.scalar(select(Notice.state).where(Notice.id == notice))
    return state == NoticeState.DONE
