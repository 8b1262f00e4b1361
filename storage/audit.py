"""Who looked at what is somebody's safety, and who did what an admin may be asked about.

Each line carries a hash over itself and the hash of the line before, so that none can be changed,
taken out or put in between without the chain showing it. The line of the newest hash is locked
while one is added: they stand in one row, whoever writes.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base

START = "0" * 64


class AuditLine(Base):
    """One look or one deed. actor_id is None for the command line.

    actor_id is a plain number: a line is never changed, not even when two rows of one human are
    made one (a line of its own says so then).
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    reason: Mapped[str] = mapped_column(String(256), default="")
    hash: Mapped[str] = mapped_column(String(64), default="")


class AuditHead(Base):
    """The hash of the newest line: one row, held by whoever adds the next."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


def note(
    session: Session,
    at: datetime,
    actor_id: int | None,
    action: str,
    subject: str,
    reason: str = "",
) -> None:
    """Write one line; `subject` is a kind and an id (``ticket:12``), never personal data."""
    head = _head(session)
    line = AuditLine(at=at, actor_id=actor_id, action=action, subject=subject, reason=reason[:256])
    session.add(line)
    session.flush()
    line.hash = head.hash = chained(head.hash, line)
    head.line_id = line.id
    session.flush()


def _head(session: Session) -> AuditHead:
    held = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if held is not None:
        return held
    try:
        with session.begin_nested():
            head = AuditHead(id=1, line_id=0, hash=START)
            session.add(head)
        return head
    except IntegrityError:  # another process made it at the same moment
        return session.get_one(AuditHead, 1, with_for_update=True)


def chained(before: str, line: AuditLine) -> str:
    """The hash of a line that stands behind one of hash `before` (SHA-256, hexadecimal)."""
    at = line.at.timestamp()
    said = json.dumps([before, at, line.actor_id, line.action, line.subject, line.reason])
    return hashlib.sha256(said.encode()).hexdigest()


def broken_at(session: Session) -> int | None:
    """The id of the first line that is not what was written; None when the chain is whole.

    A line missing at the end is told by 0: the head remembers the newest.
    """
    before = START
    last = 0
    for line in session.scalars(select(AuditLine).order_by(AuditLine.id)).yield_per(1000):
        if line.hash != chained(before, line):
            return line.id
        before, last = line.hash, line.id
    head = session.get(AuditHead, 1)
    if (head.line_id if head else 0) != last:
        return last if head is None else 0
    return None
