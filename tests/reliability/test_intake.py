"""One message, one transaction: seen twice, cut, poisonous, in pieces, or at two doors at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from bot.channels.base import NotStored
from bot.intake import Intake
from bot.messages import Address, File, Incoming
from bot.wording import Wording
from handlers.talk import Said
from storage import conversations, inbox, outbox, people
from storage.conversations import Conversation
from storage.database import open_engine
from storage.inbox import InboundMessage, InboundState
from storage.media import MediaFile
from storage.outbox import OutboundMessage
from storage.people import Account
from storage.vault import Vault
from storage.worker import StorageWorker

POISON, BAD_STATEMENT = "poison", "bad statement"
PAUSE = timedelta(seconds=2)


class Echo:
    """Instead of the conversations: says back what it heard, and trips over some words."""

    def hear(
        self, session: Session, account: Account, said: Said, pressed: str | None, now: datetime
    ) -> None:
        heard = f"{said.text}|{len(said.media)}"
        outbox.queue(
            session, channel=account.channel, chat=account.chat, payload={"text": heard}, now=now
        )
        if POISON in said.text:
            raise ValueError("a handler's fault")
        if BAD_STATEMENT in said.text:
            session.execute(text("SELECT nothing FROM nowhere"))

    def amend(self, session: Session, account: Account, said: Said, now: datetime) -> None:
        """An edit is heard like a message, with a mark in front."""
        self.hear(session, account, replace(said, text=f"~{said.text}"), None, now)


class Desk:
    """An intake over a database, with a clock to be set."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
        self.woken = 0
        self.worker = StorageWorker(engine)
        self.intake = self.another()

    def another(self) -> Intake:
        """An intake that begins now, as after a restart."""
        wording: Wording = Wording("Asia/Shanghai")
        echo: Any = Echo()
        return Intake(self.worker, echo, wording, lambda: self.now, self._wake, album_pause=PAUSE)

    def _wake(self) -> None:
        self.woken += 1

    async def takes(self, event: str, words: str = "", chat: str = "1", **more: Any) -> None:
        """One message arrives."""
        await self.intake.receive(Incoming(Address("telegram", chat), event, text=words, **more))

    async def part(self, event: str, group: str, words: str = "") -> None:
        """One photo of an album arrives."""
        photo = File("photo", "telegram", event)
        await self.takes(event, words, files=(photo,), group=group)

    def heard(self, chat: str = "1") -> list[str]:
        """What was heard in a chat, in order; an apology is "sorry"."""
        with Session(self.engine) as session:
            rows = session.scalars(
                select(OutboundMessage)
                .where(OutboundMessage.chat == chat)
                .order_by(OutboundMessage.id)
            )
            return [t if "|" in (t := row.payload["text"]) else "sorry" for row in rows]

    def kept(self) -> list[tuple[str, str]]:
        """The inbox: every event's state and words."""
        with Session(self.engine) as session:
            rows = session.scalars(select(InboundMessage).order_by(InboundMessage.id))
            return [(row.state, row.payload.get("text", "")) for row in rows]


@pytest.fixture
async def desk(engine: Engine) -> AsyncIterator[Desk]:
    desk = Desk(engine)
    yield desk
    await asyncio.to_thread(desk.worker.close)


def failing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, times: int = 1, committed: bool = False
) -> None:
    """Let the next transactions fail as if the database went away, before or after the commit."""
    run, left = desk.worker.run, [times]

    async def flaky(job: Callable[[Session], Any], **more: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            return await run(job, **more)
        if committed:
            await run(job, **more)
        await asyncio.sleep(0)
        raise OperationalError("gone", {}, Exception())

    monkeypatch.setattr(desk.worker, "run", flaky)


async def test_an_event_that_comes_again_changes_nothing(desk: Desk) -> None:
    await desk.takes("m1", "first")
    await desk.takes("m1", "the same event, other words")
    await desk.takes("m2", "second")
    assert desk.heard() == ["first|0", "second|0"]
    assert desk.kept() == [("done", "first"), ("done", "second")]
    assert desk.woken == 2


async def test_one_that_comes_again_undoes_nothing_of_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill everything comes again: what shared its transaction with a message that was here
    before was done twice, and a program that was killed soon enough never got on."""
    await desk.takes("m1", "first", "1")
    heard: list[str] = []
    hear = Echo.hear

    def counted(echo: Echo, session: Session, account: Account, said: Said, *more: Any) -> None:
        heard.append(said.text)
        hear(echo, session, account, said, *more)

    monkeypatch.setattr(Echo, "hear", counted)
    held, photo = threading.Event(), File("photo", "telegram", "p")
    busy = asyncio.create_task(desk.worker.run(lambda _: held.wait(10), together=True))
    given = [
        asyncio.create_task(desk.takes(event, event, chat, **more))
        for event, chat, more in (
            ("m2", "2", {}), ("m1", "1", {}), ("m3", "3", {"files": (photo,)}), ("m4", "4", {}),
        )
    ]  # fmt: skip
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(busy, *given)
    assert heard == ["m2", "m3", "m4"]
    await desk.takes("m3", "m3", "3", files=(photo,))
    with Session(desk.engine) as session:
        assert len(session.scalars(select(MediaFile)).all()) == 1


async def test_many_copies_at_once_are_one(desk: Desk) -> None:
    await asyncio.gather(*(desk.takes("m1", "first") for _ in range(20)))
    assert desk.heard() == ["first|0"]


async def test_long_event_ids_are_told_apart_by_their_end(desk: Desk) -> None:
    """Cut to the column's length they would be one, and the second message lost."""
    await desk.takes("x" * 120 + "a", "first")
    await desk.takes("x" * 120 + "b", "second")
    await desk.takes("x" * 120 + "b", "again")
    await desk.takes("nul\x00", "third")
    assert desk.heard() == ["first|0", "second|0", "third|0"]


async def test_the_parts_of_an_album_are_one_message(desk: Desk) -> None:
    await desk.intake.release_albums()
    for number in range(3):
        await desk.part(f"m{number}", "g", "caption" if number == 0 else "")
    desk.now += PAUSE / 2
    await desk.intake.release_albums()
    assert desk.heard() == []
    await desk.part("m3", "g")
    await desk.part("m3", "g")
    desk.now += PAUSE
    await desk.intake.release_albums()
    await desk.intake.release_albums()
    assert desk.heard() == ["caption|4"]


async def test_an_album_is_read_before_the_words_that_came_after_it(desk: Desk) -> None:
    await asyncio.gather(
        desk.part("m1", "g"),
        desk.part("m2", "g"),
        desk.part("m3", "h"),
        desk.takes("m4", "words"),
    )
    assert desk.heard() == ["|2", "|1", "words|0"]


async def test_an_album_outlives_a_restart_in_one_piece(desk: Desk) -> None:
    """The part that was not acknowledged comes again after the start; the others wait for it."""
    await desk.part("m1", "g")
    await desk.part("m2", "g")
    desk.now += timedelta(minutes=1)
    desk.intake = desk.another()
    await desk.intake.release_albums()
    await desk.part("m2", "g")
    await desk.part("m3", "g")
    desk.now += PAUSE / 2
    await desk.intake.release_albums()
    assert desk.heard() == []
    desk.now += PAUSE
    await desk.intake.release_albums()
    assert desk.heard() == ["|3"]


@pytest.mark.parametrize("words", [POISON, BAD_STATEMENT])
async def test_a_handler_that_trips_loses_no_word(desk: Desk, words: str) -> None:
    """An unknown column is no outage, whatever SQLite calls it: it would fail for ever."""
    await desk.takes("m1", words)
    await desk.takes("m1", words)
    await desk.takes("m2", "second")
    assert desk.kept() == [("failed", words), ("done", "second")]
    assert desk.heard() == ["sorry", "second|0"]
    assert desk.woken == 2


async def test_an_apology_that_trips_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("no such template")

    monkeypatch.setattr(desk.intake, "_sorry", broken)
    await desk.takes("m1", POISON)
    await desk.takes("m2", "second")
    assert desk.kept() == [("failed", ""), ("done", "second")]
    assert desk.heard() == ["second|0"]


async def test_what_cannot_even_be_noted_is_said_loudly_and_passed_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> bool:
        raise ValueError("poison in its very id")

    with monkeypatch.context() as patch, structlog.testing.capture_logs() as logs:
        patch.setattr(inbox, "first_time", broken)
        await desk.takes("m1", "first")
    assert [line["event"] for line in logs if line["log_level"] == "critical"] == [
        "message dropped"
    ]
    await desk.takes("m2", "second")
    assert desk.heard() == ["second|0"]


async def test_a_database_that_takes_nothing_at_all_is_an_outage(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the bare note went in, and there is nothing of the message in that."""

    def broken(*_: object, **__: object) -> bool:
        raise ProgrammingError("no such table: inbox", {}, Exception())

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "first_time", broken)
        with pytest.raises(NotStored):
            await desk.takes("m1", "first")
    await desk.takes("m1", "first")
    assert desk.heard() == ["first|0"]


@pytest.mark.parametrize("committed", [False, True])
async def test_an_outage_is_told_to_the_platform_which_delivers_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    failing(desk, monkeypatch, committed=committed)
    with pytest.raises(NotStored):
        await desk.takes("m1", "first")
    assert desk.heard() == (["first|0"] if committed else [])
    await desk.takes("m1", "first")
    assert desk.heard() == ["first|0"]


async def test_what_came_behind_an_unstored_message_waits_for_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the second would be answered first when both come again."""
    failing(desk, monkeypatch)
    batch = [desk.takes("m1", "first"), desk.takes("m2", "second"), desk.takes("m3", "x", "2")]
    results = await asyncio.gather(*batch, return_exceptions=True)
    assert [type(result) for result in results] == [NotStored, NotStored, type(None)]
    await asyncio.gather(desk.takes("m1", "first"), desk.takes("m2", "second"))
    assert desk.heard() == ["first|0", "second|0"]


async def test_a_program_that_ends_stores_nothing_and_says_so(desk: Desk) -> None:
    """Passed over as if it were poisonous, the message would be acknowledged and lost."""
    await asyncio.to_thread(desk.worker.close)
    with pytest.raises(NotStored):
        await desk.takes("m1", "first")
    assert desk.kept() == []


async def test_a_poisonous_album_does_not_take_the_next_message_along(desk: Desk) -> None:
    await desk.part("m1", "g", POISON)
    await desk.part("m2", "g")
    await desk.takes("m3", "words")
    assert desk.kept() == [("failed", POISON), ("failed", ""), ("done", "words")]
    assert desk.heard() == ["sorry", "words|0"]


async def test_a_poisonous_album_is_given_up_once(desk: Desk) -> None:
    await desk.intake.release_albums()
    await desk.part("m1", "g", POISON)
    for _ in range(3):
        desk.now += PAUSE
        await desk.intake.release_albums()
    assert desk.kept() == [("failed", POISON)]
    assert desk.heard() == ["sorry"]


async def test_a_part_that_cannot_be_opened_does_not_close_the_chat(desk: Desk) -> None:
    await desk.intake.release_albums()
    await desk.part("m1", "g")
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE inbox SET payload = 'gAAAA'")
    await desk.takes("m2", "words")
    assert desk.heard() == ["sorry", "words|0"]
    with Session(desk.engine) as session:
        states = session.scalars(select(InboundMessage.state).order_by(InboundMessage.id)).all()
    assert states == [InboundState.FAILED, InboundState.DONE]


async def test_the_messages_of_a_chat_keep_their_order_under_load(desk: Desk) -> None:
    chats, each = [str(chat) for chat in range(12)], 15
    await asyncio.gather(
        *(
            desk.takes(f"m{chat}:{n}", POISON if n == 7 else f"{n}", chat)
            for n in range(each)
            for chat in chats
        )
    )
    for chat in chats:
        assert desk.heard(chat) == ["sorry" if n == 7 else f"{n}|0" for n in range(each)]


async def test_one_event_at_two_processes_is_one(postgres_url: str, vault: Vault) -> None:
    """Two programs on one database receive the same events at once, each in its own order."""
    engines = [open_engine(postgres_url, vault) for _ in range(2)]
    desks = [Desk(engine) for engine in engines]
    events = [(f"m{chat}:{n}", str(chat)) for chat in range(10) for n in range(6)]
    try:
        await asyncio.gather(
            *(desk.takes(event, event, chat) for desk in desks for event, chat in events)
        )
        for chat in range(10):
            heard = desks[0].heard(str(chat))
            assert sorted(heard) == sorted({f"{event}|0" for event, c in events if c == str(chat)})
        assert sum(desk.woken for desk in desks) == len(events)
    finally:
        for desk, engine in zip(desks, engines, strict=True):
            await asyncio.to_thread(desk.worker.close)
            engine.dispose()


async def test_a_row_that_two_messages_make_at_once_fails_neither(
    postgres_url: str, vault: Vault
) -> None:
    """Two requests put the first card into one worker's chat at the same moment."""
    engine = open_engine(postgres_url, vault)
    worker = StorageWorker(engine)
    now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    both = threading.Barrier(2)
    tries = []

    def first_contact(session: Session) -> int:
        return people.account(session, "telegram", "9", "", now).id

    def push(session: Session) -> None:
        tries.append(1)
        seen = session.get(Conversation, account_id)
        if len(tries) <= 2:
            both.wait(10)
        row = seen or Conversation(account_id=account_id, name="", state={}, updated_at=now)
        session.add(row)
        session.flush()
        row.misses = (row.misses or 0) + 1

    try:
        account_id = await worker.run(first_contact)
        await asyncio.gather(worker.run(push, key="a"), worker.run(push, key="b"))
        assert len(tries) == 3
        assert await worker.run(lambda s: s.get_one(Conversation, account_id).misses) == 2
    finally:
        await asyncio.to_thread(worker.close)
        engine.dispose()


async def test_two_messages_that_touch_one_conversation_do_so_one_after_the_other(
    postgres_url: str, vault: Vault
) -> None:
    """Else the second writes over what it never saw, and a button is stale that should not be."""
    engine = open_engine(postgres_url, vault)
    worker = StorageWorker(engine)
    now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def first_contact(session: Session) -> int:
        return people.account(session, "telegram", "9", "", now).id

    def count(session: Session) -> None:
        bookmark = conversations.of(session, account_id, now)
        bookmark.misses += 1
        assert conversations.of(session, account_id, now) is bookmark
        conversations.keep(session, bookmark)

    try:
        account_id = await worker.run(first_contact)
        await asyncio.gather(*(worker.run(count, key=str(n)) for n in range(60)))
        misses = await worker.run(lambda s: conversations.of(s, account_id, now).misses)
        assert misses == 60
    finally:
        await asyncio.to_thread(worker.close)
        engine.dispose()
