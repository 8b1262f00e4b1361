"""The outbox's sender: what becomes of a message when its way is blocked, cut or gone."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pytest
import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

import bot.delivery
import bot.rooms
import bot.sending
from bot.channels.base import Blocked, Refused, TryLater, Unreachable
from bot.clock import system_clock
from storage import outbox, people
from storage.outbox import OutboundMessage, OutState
from tests.reliability.office import Arrived, Office

NO_CONNECTION = Unreachable("refused", maybe_sent=False)
CUT = Unreachable("cut", maybe_sent=True)


async def test_a_chat_keeps_its_order_through_every_fault(office: Office) -> None:
    texts = [f"{n}" for n in range(12)]
    office.queue(*texts)
    office.queue(*texts, chat="2")
    office.line.faults["1"] = deque(
        [NO_CONNECTION, None, TryLater(0.02), CUT, None, ValueError("bug"), None, NO_CONNECTION]
    )
    office.start()
    await office.done()
    assert office.line.stands == {"1": texts, "2": texts}
    assert set(office.states()) == {OutState.SENT}


async def test_after_429_the_channel_is_silent_and_the_others_are_not(office: Office) -> None:
    for chat in "12345":
        office.queue("eins", "zwei", chat=chat)
    office.queue("eins", "zwei", channel="other")
    office.line.faults["1"].append(TryLater(0.3))
    office.start()
    await office.done("other")
    assert OutState.QUEUED in office.states(), "the pause is over before the others went"
    await office.done()
    # What had left before the refusal came back could not be held any more: one call a chat.
    assert set(office.line.too_early) <= {"eins"}
    assert office.lines["other"].stands["1"] == ["eins", "zwei"]
    assert not any(office.uncertain())
    assert office.rows()[0].attempts == 1, "being asked to wait is no attempt"


async def test_what_was_claimed_before_a_429_waits_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal comes while the next round is looking at the outbox."""
    on_its_way, refuse = asyncio.Event(), asyncio.Event()
    run = office.worker.run

    async def slow(job: object, **more: Any) -> object:
        result = await run(job, **more)  # type: ignore[arg-type]
        if result and on_its_way.is_set() and not refuse.is_set():
            refuse.set()
            await office.until(lambda: "telegram" in office.delivery._rests._until)
        return result

    async def turned_away() -> Exception:
        on_its_way.set()
        await refuse.wait()
        return TryLater(0.2)

    monkeypatch.setattr(office.worker, "run", slow)
    office.queue("a")
    office.line.faults["1"].append(turned_away)
    office.start()
    await on_its_way.wait()
    office.queue("b", chat="2")
    await office.done()
    assert office.line.too_early == []
    assert office.line.stands == {"1": ["a"], "2": ["b"]}


async def test_a_shorter_429_does_not_end_a_longer_one(office: Office) -> None:
    both = asyncio.Barrier(2)

    async def short() -> Exception:
        await both.wait()
        await asyncio.sleep(0.02)
        return TryLater(0.01)

    async def long() -> Exception:
        await both.wait()
        return TryLater(0.4)

    office.queue("kurz", chat="1")
    office.queue("lang", chat="2")
    office.line.faults["1"].append(short)
    office.line.faults["2"].append(long)
    office.start()
    await office.until(lambda: len(office.line.tried) == 2)
    opens = office.line.closed_to
    await office.until(lambda: office.line.closed_to != opens or len(office.line.tried) > 2)
    office.line.closed_to = max(opens, office.line.closed_to)
    await office.done()
    assert office.line.too_early == []


async def test_blocked_ends_the_chat_until_the_person_speaks(office: Office) -> None:
    office.person()
    office.queue("a", "b", "c")
    office.queue("notice", priority=5)
    office.queue("x", chat="2")
    office.line.faults["1"].append(Blocked("bot was blocked"))
    office.start()
    await office.done()
    assert office.states() == [OutState.BLOCKED] * 4 + [OutState.SENT]
    assert sorted(office.line.tried) == ["a", "x"], "tried once, not message by message"
    assert office.account().blocked_at is not None
    with Session(office.engine) as session, session.begin():
        people.account(session, "telegram", "1", "", system_clock())
    office.queue("d")
    await office.done()
    assert office.line.stands["1"] == ["a", "b", "c", "d"]
    assert office.states()[3] == OutState.BLOCKED, "what went to many was for its day"
    assert office.account().blocked_at is None


async def test_who_speaks_while_being_refused_stays_open(office: Office) -> None:
    office.person()

    async def meanwhile() -> Exception:
        def speak(session: Session) -> None:
            people.account(session, "telegram", "1", "", system_clock())

        await office.worker.run(speak)
        return Blocked("bot was blocked")

    office.queue("a", "b")
    office.line.faults["1"].append(meanwhile)
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["a", "b"]
    assert office.account().blocked_at is None


async def test_refused_is_set_aside_and_said_without_personal_data(office: Office) -> None:
    office.queue("王桂英的电话", "next")
    office.line.faults["1"].append(Refused("Bad Request: 王桂英"))
    with structlog.testing.capture_logs() as logs:
        office.start()
        await office.done()
    assert office.states() == [OutState.FAILED, OutState.SENT]
    told = [line for line in logs if line["event"] == "message refused"]
    assert [line["ref"] for line in told] == [office.rows()[0].id]
    assert "王桂英" not in str(logs)


async def test_cut_after_acceptance_is_uncertain_and_goes_again(office: Office) -> None:
    office.queue("a", "b")
    office.line.faults["1"].append(Arrived(CUT))
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["a", "a", "b"]
    assert office.uncertain() == [True, False]


async def test_no_connection_is_never_uncertain_and_never_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.sending, "MOST_CUT", 3)
    monkeypatch.setattr(bot.sending, "LONGEST_WAIT", 0.0)
    office.queue("a")
    with Session(office.engine) as session, session.begin():
        session.execute(update(OutboundMessage).values(attempts=2000))
    office.line.faults["1"] = deque([NO_CONNECTION] * 12)
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["a"]
    assert office.uncertain() == [False]


async def test_what_is_cut_again_and_again_is_given_up_one_day(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.sending, "MOST_CUT", 3)
    office.queue("a", "b")
    office.line.faults["1"] = deque([CUT] * 3)
    office.start()
    await office.done()
    assert office.states() == [OutState.FAILED, OutState.SENT]


async def test_a_fault_of_our_own_holds_the_chat_up_only_a_few_times(office: Office) -> None:
    office.queue("a", "b")
    office.line.faults["1"] = deque([ValueError("bug")] * bot.sending.MOST_FAULTS)
    office.start()
    await office.done()
    assert office.states() == [OutState.FAILED, OutState.SENT]


async def test_a_crash_between_sending_and_sent_is_uncertain(office: Office) -> None:
    card = office.queue("card")
    office.queue("edit", edits=card)
    office.queue("elsewhere", channel="gone")
    with Session(office.engine) as session, session.begin():
        everything = update(OutboundMessage).values(state=OutState.SENDING)
        session.execute(everything)
    assert await office.delivery.recover() == 1
    assert office.uncertain() == [True, False, False], "a change made twice looks made once"
    assert office.states()[2] == OutState.SENDING, "another process may be sending it"
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["edit"]


async def test_a_change_of_what_never_arrived_fails_and_nothing_waits_for_it(
    office: Office,
) -> None:
    card = office.queue("card")
    office.queue("edit", edits=card)
    office.queue("after")
    office.line.faults["1"].append(Refused("no"))
    office.start()
    await office.done()
    assert office.states() == [OutState.FAILED, OutState.FAILED, OutState.SENT]


async def test_changes_queued_with_their_card_come_after_it_the_newest_last(
    office: Office,
) -> None:
    card = office.queue("card", priority=3)
    office.queue("edit 1", edits=card)
    office.queue("edit 2", edits=card)
    office.line.faults["1"] = deque([NO_CONNECTION, None, NO_CONNECTION, CUT])
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["edit 2"]
    assert set(office.states()) == {OutState.SENT}
    assert not any(office.uncertain())


async def test_a_reply_overtakes_a_broadcast_even_in_its_own_chat(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.rooms, "MOST_AT_ONCE", 1)
    for chat in "1234":
        office.queue("notice", chat=chat, priority=9)
    office.queue("reply", chat="4")
    office.start()
    await office.done()
    assert office.line.tried == ["reply", "notice", "notice", "notice", "notice"]


async def test_a_channel_that_is_not_configured_any_more_holds_nobody_up(office: Office) -> None:
    for chat in range(40):
        office.queue("old", chat=str(chat), channel="gone")
    office.queue("a", "b")
    office.line.faults["1"] = deque([NO_CONNECTION])
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["a", "b"]
    with Session(office.engine) as session:
        assert outbox.counts(session)[OutState.QUEUED] == 40


async def test_a_chat_that_waits_starves_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.rooms, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(bot.sending, "FIRST_WAIT", 30.0)
    monkeypatch.setattr(bot.sending, "LONGEST_WAIT", 30.0)
    for chat in range(6):
        office.queue(*"abcdefgh", chat=str(chat))
        office.line.faults[str(chat)] = deque([NO_CONNECTION])
    office.queue("z", chat="last")
    looks, claim = [0], outbox.claim

    def counted(*args: Any, **more: Any) -> list[int]:
        looks[0] += 1
        return claim(*args, **more)

    monkeypatch.setattr(outbox, "claim", counted)
    office.start()
    await office.until(lambda: office.states()[-1] == OutState.SENT)
    assert office.line.stands["last"] == ["z"]
    await asyncio.sleep(0.3)
    assert looks[0] < 50, "it looks again and again although nothing is due"


async def test_a_retry_is_not_slept_over_because_something_else_waits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message behind it in its chat is due long since; that must not hide when it is due."""
    monkeypatch.setattr(bot.delivery, "IDLE", 3600.0)
    office.queue("a", "b")
    office.line.faults["1"] = deque([NO_CONNECTION] * 3)
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["a", "b"]
