"""What goes wrong: faults of ours, deliveries that repeat, upgrades, and text meant to harm."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.registry import HANDLERS
from handlers.talk import Talk
from storage.conversations import Conversation
from storage.inbox import InboundMessage
from storage.people import Account
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.seats import ScriptedSeat
from tests.conversations.town import Town


@pytest.fixture
def town(detail_town: Town) -> Town:
    """These talks hardly depend on the channel."""
    return detail_town


def break_down(talk: Talk, **args: Any) -> None:
    raise RuntimeError("a fault of ours")


async def failed(town: Town) -> list[dict[str, Any]]:
    """What is kept of the messages that could not be handled."""

    def job(session: Session) -> list[dict[str, Any]]:
        query = select(InboundMessage).where(InboundMessage.state == "failed")
        return [row.payload for row in session.scalars(query)]

    return await town.read(job)


async def test_a_fault_keeps_what_was_said(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    wang = await town.resident()
    await wang.says("你好")
    await wang.hears("要办什么")
    with monkeypatch.context() as broken:
        broken.setattr(HANDLERS, "otherwise", break_down)
        await wang.says("楼道灯不亮了，三天了")
        sorry = await wang.hears("您说的话我记下了，没有丢")
    assert any("转人工" in label for label in sorry.labels)
    assert [payload["text"] for payload in await failed(town)] == ["楼道灯不亮了，三天了"]
    await file_request(town, wang)  # and it goes on as if nothing had been


async def test_a_fault_in_the_middle_leaves_the_answers(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the failed message had changed is taken back; what was answered before stands."""
    wang = await town.resident()
    await wang.says("楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.presses("就在我家")
    await wang.hears("您看对不对")
    with monkeypatch.context() as broken:
        broken.setattr("handlers.residents.request.offer", break_down)
        await wang.presses("提交")
        await wang.hears("出了点毛病")
    assert await town.ticket_count() == 0
    await wang.presses("提交")
    await wang.hears("编号是 ")
    await town.settle()
    assert await town.ticket_count() == 1


async def test_a_fault_while_an_album_is_read(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = await scripted_town.resident()
    with monkeypatch.context() as broken:
        broken.setattr(HANDLERS, "otherwise", break_down)
        await wang.sends_photos(3, "漏水了")
        await wang.hears("没有丢")
        await wang.heard_nothing()
    kept = await failed(scripted_town)
    assert len(kept) == 3
    assert all(len(payload["files"]) == 1 for payload in kept)


# The same event again


async def test_a_repeated_event_changes_nothing(scripted_town: Town) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    seat = wang.seat
    assert isinstance(seat, ScriptedSeat)
    events = []
    for step in ("楼道灯不亮了", "1", "1"):
        await wang.says(step)
        events.append(seat.last)
    await wang.hears("您看对不对")
    await wang.presses("提交")
    events.append(seat.last)
    await wang.hears("编号是")
    await worker.hears("楼道灯不亮了")
    for event in [*events, *reversed(events)]:
        await seat.say(again=event)
    await wang.heard_nothing()
    await worker.heard_nothing()
    assert await scripted_town.ticket_count() == 1


@pytest.mark.parametrize("channel", ["aiogram", "ptb"])
async def test_telegram_delivers_everything_twice(make_town: MakeTown, channel: str) -> None:
    town = await make_town(channel)
    assert town.server is not None
    worker, wang = await town.grid_worker(), await town.resident()
    town.server.duplicate(100)
    await file_request(town, wang)
    await worker.presses("接单")
    await worker.hears("归您了")
    await worker.heard_nothing()
    assert await town.ticket_count() == 1
    assert [kind for kind, _ in await town.events(1)] == ["opened", "claimed"]


async def test_the_page_repeats_a_message(make_town: MakeTown) -> None:
    town = await make_town("web")
    wang = await town.resident()
    seat: Any = wang.seat
    await wang.says("楼道灯不亮了")
    await wang.hears("这一类，对吗")
    assert await seat.post() == 400
    again = {"id": "same-1", "text": "路灯照明"}
    for _ in range(3):
        async with seat._http.post(f"{seat.page}/messages", json=again) as answer:
            assert answer.status == 200
    await wang.hears("出在哪儿")
    await wang.heard_nothing()


# An upgrade in the middle of a talk


async def rewrites(town: Town, who: Person, change: dict[str, Any]) -> None:
    """The program that stored these answers was an older one."""

    def job(session: Session) -> None:
        row = session.scalars(
            select(Conversation).join(Account).where(Account.person_id == who.id)
        ).one()
        answers = {**dict(row.state["answers"]), **change}
        kept = [[key, value] for key, value in answers.items() if value is not None]
        row.state = {**row.state, "answers": kept}

    await town.write(job)


async def to_confirm(wang: Person) -> None:
    await wang.says("楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.presses("就在我家")
    await wang.hears("您看对不对")


async def test_a_question_that_was_dropped_is_ignored(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_confirm(wang)
    await rewrites(scripted_town, wang, {"old-question": {"x": 1}})
    await wang.presses("提交")
    await wang.hears("编号是")


async def test_a_question_that_is_new_is_asked(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_confirm(wang)
    await rewrites(scripted_town, wang, {"where": None})
    await wang.presses("提交")
    await wang.hears("出在哪儿")
    await wang.presses("小区里")
    await wang.hears("您看对不对", "楼道灯不亮了")
    await wang.presses("提交")
    await wang.hears("编号是")
    assert await scripted_town.ticket_count() == 1


async def test_an_option_that_is_gone_is_asked_again(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_confirm(wang)
    await rewrites(scripted_town, wang, {"where": "on-the-moon"})
    await wang.says("提交")
    await wang.hears("出在哪儿")


@pytest.mark.parametrize("stored", [None, {}, {"answers": "nonsense"}, {"args": {}}])
async def test_a_conversation_that_was_dropped(scripted_town: Town, stored: Any) -> None:
    wang = await scripted_town.resident()
    await to_confirm(wang)

    def job(session: Session) -> None:
        row = session.scalars(select(Conversation)).one()
        row.name = "dropped-by-an-upgrade"
        row.state = {**row.state} if stored is None else {"args": {}, "answers": []}

    await scripted_town.write(job)
    await wang.says("提交")
    await wang.hears("要办什么")


# Text meant to harm, or merely odd

HOSTILE = {
    "markup": "<b>漏水</b><script>alert(1)</script> *x* _y_ [a](http://x) `z` &amp;",
    "template": "漏水 {{7*7}} {% for x in y %} {{ config }} {t.number} %s $x",
    "bidi": "漏水 \u202e倒过来\u202c \u2066x\u2069 \u200b",
    "control": "漏水 \x01\x02\x1b[31m red \x07 \x7f",
    "emoji": "漏水 👩‍👩‍👧‍👦 👍🏽 🇨🇳 ❤️",
    "sql": "漏水'; DROP TABLE tickets; --",
    "combining": "漏水 " + "e" + "\u0301" * 200,
    "lines": "漏水\n" * 30,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_text_is_only_text(town: Town, name: str) -> None:
    words = HOSTILE[name]
    worker, wang = await town.grid_worker(), await town.resident()
    await wang.says(words)
    await wang.presses("漏水维修")
    await wang.presses("就在我家")
    await wang.hears("您看对不对")
    await wang.presses("提交")
    await wang.hears("编号是")
    card = await worker.hears("【1号】")
    stored = (await town.ticket()).text
    assert stored in card.text
    if name in ("markup", "template", "emoji", "sql"):
        assert stored == words
    assert "49" not in card.text
    for sign in "\x00\x01\x02\x07\x1b\x7f\u202e\u2066":
        assert sign not in card.text


async def test_nul_and_lone_surrogates(scripted_town: Town) -> None:
    """Neither database could keep them; the words around them are kept."""
    wang = await scripted_town.resident()
    await wang.says("漏水\x00了\ud800，快来")
    await wang.presses("漏水维修")
    await wang.presses("就在我家")
    await wang.presses("提交")
    await wang.hears("编号是")
    assert (await scripted_town.ticket()).text.replace(" ", "").startswith("漏水了")


async def test_a_hundred_kilobytes(scripted_town: Town) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("漏水😀" * 30_000)
    await wang.presses("漏水维修")
    await wang.presses("就在我家")
    await wang.presses("提交")
    await wang.hears("编号是")
    await worker.hears("漏水")
    for seen in (*wang.seat.log, *worker.seat.log):
        assert len(seen.text.encode("utf-16-le")) // 2 <= 4096

    def kept(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(InboundMessage)) or 0

    assert await scripted_town.read(kept) == 4


async def test_a_hostile_name(town: Town) -> None:
    ming = await town.newcomer("{{7*7}}<b>\u202e小明" + "明" * 200)
    await ming.says("你好")
    await ming.hears("要办什么")
    assert "49" not in ming.everything_read
    assert "\u202e" not in ming.everything_read
