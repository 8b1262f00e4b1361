"""Two processes that do the same at the same moment, as when one has just lost its lease."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.app import App, build
from bot.conversation import Engine
from bot.intake import Intake
from bot.messages import Address, File, Incoming
from handlers.talk import Said
from storage.inbox import InboundMessage
from storage.notices import ledger
from storage.notices.handing import BROADCAST, Handing
from storage.notices.tables import NoticeState, Receipt
from storage.outbox import OutboundMessage
from storage.people import Account
from tests.conversations.conftest import MakeTown
from tests.conversations.notices import the_notice, writes
from tests.conversations.seats import Stage
from tests.conversations.steps import resolve, taken
from tests.conversations.town import Town


@pytest.fixture
async def town(make_town: MakeTown) -> Town:
    """A town on PostgreSQL."""
    return await make_town("scripted", "postgres")


@pytest.fixture
async def other(town: Town) -> AsyncIterator[App]:
    """A second program on its database, which does only what it is told to."""
    app = build(town._settings(), clock=town.now, more_channels=[Stage()])
    yield app
    await asyncio.to_thread(app.worker.close)
    app.database.dispose()


async def both(town: Town, other: App, what: Callable[[App], Awaitable[object]]) -> None:
    """Both do it at the same time, twice."""
    await asyncio.gather(*(what(app) for app in (town.app, other) * 2))
    await town.settle()


async def test_what_falls_due_is_done_once(town: Town, other: App) -> None:
    worker, wang, number = await taken(town)
    await resolve(worker)
    await wang.hears("您看解决了吗")
    for _ in range(20):
        town.later(hours=8)
        now = town.now()
        await both(town, other, lambda app: app.duties.do_all(now))  # noqa: B023
    kinds = Counter(kind for kind, _ in await town.events(number))
    assert kinds["reminded"] == kinds["lapsed"] == 1

    def texts(session: Session) -> Counter[tuple[str, str, object]]:
        rows = session.scalars(select(OutboundMessage).where(OutboundMessage.edits.is_(None)))
        # A daily word comes every day, and so with a moment of its own.
        return Counter((row.chat, row.payload["text"], row.created_at) for row in rows)

    assert max((await town.read(texts)).values()) == 1


async def test_a_chat_is_heard_by_one_at_a_time(
    town: Town, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All of it: within `Engine.hear` the row of the account keeps two apart as well.
    inside: list[int] = []
    most: list[int] = []
    take = Intake._take

    def slowly(self: Intake, *more: Any) -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.01)
        try:
            take(self, *more)
        finally:
            inside.pop()

    monkeypatch.setattr(Intake, "_take", slowly)
    wang = await town.resident()
    address = Address("scripted", wang.seat.chat)
    before = await town.read(lambda s: s.scalar(select(func.count()).select_from(InboundMessage)))
    said = ["报修", "楼道灯不亮了", "返回", "楼道的灯坏了", "取消", "菜单"]
    for number, words in enumerate(said):
        incoming = Incoming(address, f"twice{number}", f"m{number}", words)
        await both(town, other, lambda app: app.intake.receive(incoming))  # noqa: B023
    together = [Incoming(address, f"at-once{n}", f"n{n}", "菜单") for n in range(12)]
    apps = (town.app, other) * 6
    await asyncio.gather(
        *(app.intake.receive(one) for app, one in zip(apps, together, strict=True))
    )
    await town.settle()

    def job(session: Session) -> tuple[int, Counter[str]]:
        rows = session.scalars(select(InboundMessage).order_by(InboundMessage.id)).all()
        sent = session.scalars(
            select(OutboundMessage).where(
                OutboundMessage.chat == address.chat, OutboundMessage.edits.is_(None)
            )
        )
        menus = Counter(row.payload["text"][:12] for row in sent)
        return len(rows), Counter(row.state for row in rows) | menus

    count, found = await town.read(job)
    assert count == (before or 0) + len(said) + len(together)
    assert "failed" not in found
    assert max(most) == 1, "two messages of a chat at the same time"


async def test_an_album_is_read_once(
    town: Town, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    hear = Engine.hear

    def counted(self: Engine, session: Session, account: Account, said: Said, *more: Any) -> None:
        heard.append(len(said.media))
        hear(self, session, account, said, *more)

    monkeypatch.setattr(Engine, "hear", counted)
    wang = await town.resident()
    await other.intake.release_albums()  # from now on it watches
    for ticker in town.app.tickers:
        ticker.stop()
    for album in range(6):
        for part in range(3):
            photo = File("photo", "scripted", f"photo{album}-{part}")
            where = Address("scripted", wang.seat.chat)
            event = f"album{album}-{part}"
            incoming = Incoming(where, event, event, files=(photo,), group=f"a{album}")
            await (town.app, other)[part % 2].intake.receive(incoming)
        town.later(seconds=3)
        await both(town, other, lambda app: app.intake.release_albums())
    assert heard == [3] * 6


async def test_a_notice_reaches_everybody_once(
    town: Town, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_to_hand = ledger.next_to_hand

    meeting = threading.Barrier(2)

    def slowly(*given: Any) -> list[Handing]:
        found = next_to_hand(*given)
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(1)  # the other would see the same, if it might look now
        return found

    monkeypatch.setattr(ledger, "next_to_hand", slowly)
    admin = await town.admin()
    await town.resident()
    await writes(admin)
    await admin.presses("发")
    for _ in range(6):
        await both(town, other, lambda app: app.broadcast.look())
    assert (await the_notice(town)).state == NoticeState.DONE

    def rows(session: Session) -> tuple[int, int]:
        sent = session.scalars(
            select(OutboundMessage.chat).where(OutboundMessage.priority == BROADCAST)
        ).all()
        handed = session.scalars(select(Receipt).where(Receipt.outbox_id.is_not(None))).all()
        assert len(sent) == len(set(sent))
        return len(sent), len(handed)

    sent, handed = await town.read(rows)
    assert sent == handed >= 1


async def test_a_report_is_sent_once(town: Town, other: App) -> None:
    await taken(town)
    admin = await town.admin()
    await admin.says("数据")
    await admin.presses("本月")
    await admin.presses("青禾县")
    await both(town, other, lambda app: app.reports.do_all(town.now()))

    def answers(session: Session) -> int:
        rows = session.scalars(select(OutboundMessage.payload))
        return sum("青禾县｜" in payload["text"] for payload in rows)

    assert await town.read(answers) == 1
