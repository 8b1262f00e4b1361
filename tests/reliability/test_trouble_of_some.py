"""The outbox's sender when some messages hang or fail for ever: the others do not wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

import bot.rests
import bot.sending
from benchmarks import households, skipping
from benchmarks.platform import Platform
from benchmarks.sending import EVEN, Line, ours
from bot.channels.base import Unreachable
from bot.messages import Address, Outgoing
from storage import outbox
from storage.notices.handing import BROADCAST
from storage.outbox import OutboundMessage
from tests.reliability.office import Office

FAILS = Unreachable("500", maybe_sent=True)


@pytest.fixture
def never() -> Iterator[asyncio.Event]:
    """What a call that hangs waits for; it comes at the end."""
    event = asyncio.Event()
    yield event
    event.set()


def hangs(office: Office, never: asyncio.Event, *chats: str) -> None:
    async def hang() -> None:
        await never.wait()

    for chat in chats:
        office.line.faults[chat].append(hang)
        office.queue("notice", chat=chat, priority=BROADCAST)


async def test_an_answer_does_not_wait_for_notices_that_hang(
    office: Office, never: asyncio.Event
) -> None:
    """They used up every place until the longest call was over: an answer came after 54 s."""
    hangs(office, never, *map(str, range(100, 140)))
    office.start()
    await office.until(lambda: office.line.tried.count("notice") >= 32)
    office.queue("answer", chat="1")
    async with asyncio.timeout(3):
        await office.until(lambda: bool(office.line.stands["1"]))
    never.set()


async def test_notices_that_hang_do_not_stop_the_others_for_long(
    office: Office, never: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.sending, "HANGS", 0.2)
    monkeypatch.setattr(bot.rests, "FIRST_REST", 0.05)
    hangs(office, never, *map(str, range(100, 132)))
    for chat in range(10):
        office.queue("goes", chat=str(chat), priority=BROADCAST)
    office.start()
    async with asyncio.timeout(10):
        await office.until(lambda: office.line.tried.count("goes") == 10)
    never.set()


async def test_a_call_that_hangs_is_cut_and_goes_again(
    office: Office, never: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.sending, "LONGEST_CALL", 0.1)
    hangs(office, never, "1")
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["notice"]
    assert office.uncertain() == [True]


async def test_an_answer_tries_a_channel_that_rests_because_of_notices(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.rests, "FIRST_REST", 3600.0)
    monkeypatch.setattr(bot.rests, "LONGEST_REST", 3600.0)
    for chat in map(str, range(100, 106)):
        office.line.faults[chat].append(FAILS)
        office.queue("notice", chat=chat, priority=BROADCAST)
    office.start()
    await office.until(lambda: office.delivery._rests.on_trial("telegram"))
    office.queue("answer", chat="1")
    async with asyncio.timeout(5):
        await office.until(lambda: bool(office.line.stands["1"]))
        await office.done()  # and where an answer arrives, notices do


def test_of_what_goes_to_many_the_failed_goes_behind_the_untried(office: Office) -> None:
    refs = [office.queue("notice", chat=str(n), priority=BROADCAST) for n in range(5)]
    answer = office.queue("answer", chat="9")
    with Session(office.engine) as session, session.begin():
        failed = OutboundMessage.id.in_([*refs[:2], answer])
        session.execute(update(OutboundMessage).where(failed).values(attempts=1))

    def claimed(now: datetime, most: int = 10) -> list[int]:
        with Session(office.engine) as session:
            found = outbox.claim(session, now, channels=["telegram"], most=most)
            session.rollback()
            return found

    due = office.rows()[0].not_before
    assert claimed(due, 3) == [answer, refs[2], refs[3]]
    assert claimed(due) == [answer, *refs[2:]]
    assert claimed(due + timedelta(minutes=6), 2) == [answer, refs[0]], "but not for ever"
    with Session(office.engine) as session, session.begin():
        session.execute(update(OutboundMessage).values(attempts=1))
    assert claimed(due) == [answer, *refs], "nothing else is there"


class BadLine(Line):
    """A line on which some chats always fail."""

    def __init__(self, platform: Platform, bad: Callable[[int], bool]) -> None:
        super().__init__(platform, EVEN)
        self.bad = bad
        self.reached: set[str] = set()

    async def send(self, to: Address, message: Outgoing, load: object) -> tuple[str, ...]:
        """See `Channel.send`."""
        await asyncio.sleep(0.03)
        if self.bad(int(to.chat) - households.FIRST_CHAT):
            raise FAILS
        self.reached.add(to.chat)
        return ("1",)


@pytest.mark.parametrize(
    "bad",
    [lambda n: n % 8 == 5, lambda n: n < 40],
    ids=["one in eight", "the first forty"],
)
def test_chats_that_always_fail_do_not_keep_a_notice_from_the_others(
    tmp_path: Path, bad: Callable[[int], bool]
) -> None:
    """Of 1,200, with one in twelve that fails, 200 were reached after 10 s and after 180 s."""
    recipients = 250
    line = BadLine(Platform(30), bad)
    good = sum(not bad(n) for n in range(recipients))

    async def send() -> float:
        engine = households.found(tmp_path, recipients)
        households.write_notice(engine)
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with ours(engine, line, 30, tmp_path):
            while len(line.reached) < good and loop.time() < began + 120:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        engine.dispose()
        return loop.time() - began

    took = skipping.run(send())
    assert len(line.reached) == good
    assert took < 45, "8 s are what the pace allows"


def test_a_few_that_try_a_channel_are_from_all_over_what_waits(office: Office) -> None:
    refs = [office.queue("notice", chat=str(n), priority=BROADCAST) for n in range(9)]
    with Session(office.engine) as session, session.begin():
        due = office.rows()[0].not_before
        found = outbox.claim(session, due, channels=["telegram"], most=3, spread=True)
    assert found == [refs[2], refs[5], refs[8]]
