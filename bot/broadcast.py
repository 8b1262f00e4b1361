"""Hands notices on to the outbox, a little at a time, so that what is on its way can be stopped.

scheduled ──its time──▶ audience frozen ──▶ a few receipts at a time get outbox rows ──▶ done

What is sent and how fast is delivery's affair; here only so much is written ahead as goes out in
the next moments.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from bot import speaking
from bot.office import Office
from bot.wording import Wording
from handlers.admins import notice_approval
from storage import areas
from storage.notices import corrections, course, ledger
from storage.notices.tables import Notice, NoticeState
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

AHEAD = 90
"""Rows written ahead: three seconds at Telegram's 30 messages a second."""
SECONDS_AHEAD = 3.0
WITHOUT_LIMIT = 1000
"""Rows written ahead where nothing limits the rate."""
MOST_AGAIN = 5000
"""Rows that failed and wait to be tried again, and what stands behind them, before nothing new is
handed on: a few chats that cannot be written to must not keep a notice from the others."""
MOST_IN_A_JOB = 200
"""Rows written in one transaction: more would hold up those who wait for an answer."""


def rows_ahead(rate: float | None) -> int:
    """How many rows are written ahead at so many messages a second; None or 0 without a limit."""
    return max(AHEAD, int(rate * SECONDS_AHEAD)) if rate else WITHOUT_LIMIT


@dataclass(slots=True)
class Broadcast:
    """Looks after every notice that is due or going out."""

    worker: StorageWorker
    wording: Wording
    channels: Collection[str]
    clock: Callable[[], datetime]
    committed: Callable[[], None]
    ahead: int = AHEAD
    rests: Callable[[datetime, ZoneInfo], bool] = lambda at, zone: False
    """Whether at this moment nothing goes out but emergencies, and corrections, which make no
    sound."""

    stands: Callable[[Session, Notice, datetime], bool] = lambda session, notice, at: True
    """Whether somebody answers for a notice who may send it by now."""

    async def look(self) -> None:
        """Begin what is due and hand on as much as has room; repeats nothing it did before."""
        now = self.clock()
        for notice_id in await self.worker.read(lambda session: course.due(session, now)):
            await self.worker.run(lambda s: self._start(s, notice_id), key="notices")  # noqa: B023
            self.committed()
        while await self.worker.read(self._anything_to_do):
            if not await self.worker.run(self._step, key="notices", turn="notices"):
                return
            self.committed()

    def _start(self, session: Session, notice_id: int) -> None:
        notice = session.get(Notice, notice_id, with_for_update=True, populate_existing=True)
        if notice is None or notice.state != NoticeState.SCHEDULED:
            return
        now = self.clock()
        if not self.stands(session, notice, now):
            course.hold(session, notice, now)
            log.warning("notice held: nobody who may send it answers for it", notice=notice.id)
        elif course.start(session, notice, now):
            log.info("notice begins", notice=notice.id)
        else:
            notice_approval.ask_after_all(Office(session, now, self.wording), notice)
            log.info("notice grown, waits for a second admin", notice=notice.id)

    def _anything_to_do(self, session: Session) -> bool:
        going = [one for one in ledger.sending(session) if self._may_go(session, one)]
        return bool(going) and self._room(session) > 0

    def _may_go(self, session: Session, notice: Notice) -> bool:
        """Whether there is anything to be done for it at this hour."""
        if notice.state != NoticeState.SENDING:
            to_do = corrections.to_correct(session, notice, list(self.channels), 1)
            return bool(to_do) or corrections.all_there(session, notice)
        return (
            notice.emergency
            or not self.rests(self.clock(), self.wording.zone)
            or bool(corrections.to_correct(session, notice, list(self.channels), 1))
            or ledger.is_over(session, notice)
        )

    def _room(self, session: Session) -> int:
        fresh, again = ledger.under_way(session, list(self.channels))
        room = self.ahead - fresh - max(0, again - MOST_AGAIN)
        return room if room > self.ahead // 3 else 0

    def _step(self, session: Session) -> bool:
        """Hand on the next ones; False when there is no room left, or nothing."""
        now, channels = self.clock(), list(self.channels)
        resting = self.rests(now, self.wording.zone)
        room = min(self._room(session), MOST_IN_A_JOB)
        moved = False
        for notice in ledger.sending(session):
            if room <= 0:
                break
            changes = corrections.to_correct(session, notice, channels, room)
            left = 0 if resting and not notice.emergency else room - len(changes)
            handings = ledger.next_to_hand(session, notice, channels, left)
            messages = self._messages(session, notice)
            ledger.hand(session, notice, handings, messages, now)
            corrections.hand(session, notice, changes, messages[-1], now)
            room -= len(changes) + len(handings)
            moved = moved or bool(handings or changes)
            if not handings and not changes:
                course.finish(session, notice, now)
        return moved

    def _messages(self, session: Session, notice: Notice) -> list[dict[str, Any]]:
        """What one of them gets: files first, then the words with 已阅 if it is asked for."""
        where = areas.get(session, notice.area_id)
        text = self.wording.render(
            "notice/notice",
            {
                "text": notice.text,
                "from_whom": areas.title(session, where),
                "emergency": notice.emergency,
                "corrected": notice.text_version > 1,
            },
        )
        *before, last = speaking.split(text)
        choices = []
        if notice.wants_ack:
            args = {"notice": notice.id}
            choices = [
                {"label": self.wording.word("do.acknowledge"), "do": "acknowledge", "args": args}
            ]
        return [
            *({"text": "", "files": album} for album in speaking.albums(session, notice.files)),
            *({"text": part} for part in before),
            {"text": last, "choices": choices, "exits": []},
        ]
