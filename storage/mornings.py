"""What was told in somebody's quiet hours and waits in the outbox for the morning.

It has a priority of its own (`outbox.NIGHT`), so that an answer to who is awake does not stand
behind it, and the order of a chat's messages is kept on either side.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from storage.outbox import NIGHT, OutboundMessage, OutState


def waits(session: Session, channel: str, chat: str) -> bool:
    """Whether something told in the quiet hours has not gone out in this chat yet."""
    found = session.scalar(
        select(OutboundMessage.id)
        .where(
            OutboundMessage.channel == channel,
            OutboundMessage.chat == chat,
            OutboundMessage.state.in_((OutState.QUEUED, OutState.SENDING)),
            OutboundMessage.priority == NIGHT,
        )
        .limit(1)
    )
    return found is not None


def bring_forward(
    session: Session, channel: str, chat: str, ticket_id: int, now: datetime
) -> int | None:
    """Let go out now what waits in a chat for the morning about one ticket, in its order.

    The id of the task card among it; None, and nothing is changed, when there is no card.
    """
    row = OutboundMessage
    waiting = and_(
        row.channel == channel,
        row.chat == chat,
        row.ticket_id == ticket_id,
        row.state == OutState.QUEUED,
        row.priority == NIGHT,
    )
    card = session.scalar(
        select(row.id)
        .where(waiting, row.card_for.is_not(None), row.edits.is_(None))
        .order_by(row.id.desc())
        .limit(1)
    )
    if card is not None:
        session.execute(
            update(row)
            .where(waiting)
            .values(priority=0, not_before=now, waits_since=None)
            .execution_options(synchronize_session="fetch")
        )
    return card
