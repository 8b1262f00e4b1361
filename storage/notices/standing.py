"""Who answers for a notice: its author, as long as they may write for its area; then the second
admin who agreed to it, or another one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage import permissions
from storage.notices.tables import Notice


def stands(session: Session, notice: Notice, at: datetime) -> bool:
    """Whether it may go out in somebody's name who may send one by now: its author, or who agreed
    to it. What whoever runs the computer agreed to stands."""
    if notice.approved_at is not None and notice.approver_id is None:
        return True
    answer = [one for one in (notice.author_id, notice.approver_id) if one is not None]
    return any(permissions.allows_in(session, "notice", one, notice.area_id, at) for one in answer)


def keeper(session: Session, notice: Notice, at: datetime) -> int | None:
    """Who is told how it goes and where it did not arrive: whoever was, while they may see it; then
    who agreed to it, then the nearest who may. None where there is nobody."""
    row = "notice_board"
    for one in (notice.keeper_id, notice.author_id, notice.approver_id):
        if one is not None and permissions.allows_in(session, row, one, notice.area_id, at):
            return one
    return next(iter(permissions.who_may(session, row, notice.area_id, at)), None)
