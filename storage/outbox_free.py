"""What could leave the outbox just now, as a statement that is put together once."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Select, and_, bindparam, exists, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from storage.outbox_tables import OutboundMessage, OutState


@cache
def free(*, urgent: bool) -> Select[int]:
    """What `storage.outbox.claim` looks for, up to `now`, in `channels`, at most `most`.

    urgent: only what has a priority number lower than `below`. It is asked for after every message,
    and putting it together would take longer than the answer.
    """
    row, other = OutboundMessage, aliased(OutboundMessage)
    ahead = exists().where(
        other.channel == row.channel,
        other.chat == row.chat,
        other.state.in_(text("'queued', 'sending'")),
        or_(
            other.state == OutState.SENDING,
            and_(
                other.state == OutState.QUEUED,
                tuple_(other.priority, other.id) < tuple_(row.priority, row.id),
            ),
        ),
    )
    return (
        select(row.id)
        .where(
            row.state == OutState.QUEUED,
            row.channel.in_(bindparam("channels", expanding=True)),
            row.not_before <= bindparam("now"),
            ~ahead,
            *([row.priority < bindparam("below")] if urgent else []),
        )
        .order_by(row.priority, row.id)
        .limit(bindparam("most"))
        # What somebody is changing just now (a notice that is paused) is not waited for.
        .with_for_update(skip_locked=True)
    )
