"""What could leave the outbox just now, as a statement that is put together once."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from storage.outbox_tables import NIGHT, OutboundMessage, OutState, in_turn, under_way


@cache
def free(*, urgent: bool) -> Select[int]:
    """What `storage.outbox.claim` looks for, up to `now`, in `channels`, at most `most`.

    urgent: only what has a priority number lower than `below`. It is asked for after every message,
    and putting it together would take longer than the answer. Else what failed before, of what goes
    to many, is found when nothing untried is there, or when it is due since `long_due`.
    """
    row, other = OutboundMessage, aliased(OutboundMessage)
    untried = exists().where(other.priority > NIGHT, other.attempts == 0, _can_go(other))
    in_turn = or_(
        row.attempts == 0,
        row.priority <= NIGHT,
        row.not_before <= bindparam("long_due"),
        ~untried,  # looked for once, and only where something failed
    )
    return (
        select(row.id)
        .where(row.priority < bindparam("below") if urgent else in_turn, _can_go(row))
        .order_by(row.priority, row.id)
        .limit(bindparam("most"))
        # What somebody is changing just now (a notice that is paused) is not waited for.
        .with_for_update(skip_locked=True)
    )


def _can_go(row: Any) -> ColumnElement[bool]:
    """Whether it is due, and the first of its chat that is not sent."""
    other = aliased(OutboundMessage)
    # Looked up for each row. As "there is none before it" PostgreSQL joins the two, without
    # statistics by the channel alone: every row with every other that waits.
    first = (
        select(other.id)
        .where(
            other.channel == row.channel,
            other.chat == row.chat,
            under_way(other),
        )
        .order_by(*in_turn(other))
        .limit(1)
        .correlate(row)
        .scalar_subquery()
    )
    return and_(
        row.state == OutState.QUEUED,
        row.channel.in_(bindparam("channels", expanding=True)),
        row.not_before <= bindparam("now"),
        row.id == first,
    )
