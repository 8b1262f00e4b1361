"""What is watched from outside: how much waits, for how long, and which tickets nobody has.

Numbers only, by channel and state: nobody and nothing can be told from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.orm import Session

from storage.notices.tables import Notice, NoticeState, Receipt, ReceiptState
from storage.outbox import OutboundMessage, OutState
from storage.tickets import UNDER_WAY, Ticket


@dataclass(frozen=True, slots=True)
class Gauges:
    """waiting: messages by (channel, state), only those under way. oldest: by channel, for how many
    seconds the one that could have gone first has waited, however often it was put off; what waits
    for its hour does not count.
    to_hand_on: people whom a notice that goes out just now has not been handed on for yet.
    without_owner: open tickets that nobody has. alarmed: those of them that admins were told of.
    """

    waiting: dict[tuple[str, str], int]
    oldest: dict[str, float]
    to_hand_on: int
    without_owner: int
    alarmed: int


def read(session: Session, now: datetime) -> Gauges:
    """All of them, from indexes of what is under way: the history costs nothing."""
    row = OutboundMessage
    # Written out, so that the index of what is under way is found.
    under_way = row.state.in_(text("'queued', 'sending'"))
    waiting = session.execute(
        select(row.channel, row.state, func.count())
        .where(under_way)
        .group_by(row.channel, row.state)
    )
    since = func.coalesce(row.waits_since, row.not_before)
    tried_or_due = or_(
        row.state == OutState.SENDING,
        and_(
            row.state == OutState.QUEUED,
            or_(row.not_before <= now, row.waits_since.is_not(None)),
        ),
    )
    oldest = session.execute(
        select(row.channel, func.min(since)).where(under_way, tried_or_due).group_by(row.channel)
    )
    nobody = select(func.count()).where(Ticket.owner_id.is_(None), Ticket.status.in_(UNDER_WAY))
    return Gauges(
        waiting={(channel, state): number for channel, state, number in waiting},
        oldest={
            channel: max(0.0, (now - first).total_seconds()) for channel, first in oldest if first
        },
        to_hand_on=session.scalar(
            select(func.count())
            .select_from(Receipt)
            .join(Notice, Notice.id == Receipt.notice_id)
            .where(Notice.state == NoticeState.SENDING, Receipt.state == ReceiptState.QUEUED)
        )
        or 0,
        without_owner=session.scalar(nobody) or 0,
        alarmed=session.scalar(nobody.where(Ticket.alarmed_at.is_not(None))) or 0,
    )


def try_writing(session: Session) -> None:
    """Write what stands there already. Raises sqlalchemy.exc.SQLAlchemyError when that is refused,
    at the latest with the commit."""
    session.execute(text("UPDATE alembic_version SET version_num = version_num"))


def answers(session: Session) -> bool:
    """Ask the database for nothing."""
    session.execute(select(1))
    return True
