"""Who looked at what is somebody's safety, and who did what an admin may be asked about.

Each line carries a hash over itself and the hash of the line before, so that none can be changed,
taken out or put in between without the chain showing it. The newest hash stands in one row, which
is locked while lines are added: whoever writes, they stand in one order.

`note` only remembers; the lines are written right before the commit, so that nobody holds that row
while it waits for another one (no deadlock), nor longer than the commit takes. What is rolled back,
a savepoint too, takes its lines along.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from storage.base import Base

START = "0" * 64
LOOKS = (
    "card",
    "redrawn",
    "told",
    "team_card",
    "story",
    "phone",
    "find",
    "who_looked",
    "exported",
    "papers",
    "other",
)
"""The kinds of looks at a ticket that have a word of their own under ``[look]``."""
_WAITING = "audit"


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


@dataclass(slots=True)
class _Noted:
    """A line that waits for the commit. within: the savepoint it was noted in, None outside any."""

    line: AuditLine
    within: SessionTransaction | None


def note(
    session: Session,
    at: datetime,
    actor_id: int | None,
    action: str,
    subject: str,
    reason: str = "",
) -> None:
    """Add one line at the commit; `subject` is a kind and an id (``ticket:12``), never personal
    data, and `reason` a key or a few plain words."""
    line = AuditLine(at=at, actor_id=actor_id, action=action, subject=subject, reason=reason[:256])
    if not session.in_transaction():
        session.begin()  # as any query would; else a rollback would not take the line along
    waiting = session.info.setdefault(_WAITING, [])
    waiting.append(_Noted(line, session.get_nested_transaction()))


def write_down(session: Session) -> None:
    """Write what was noted; the commit calls it. Until then nothing else may be waited for."""
    noted: list[_Noted] = session.info.pop(_WAITING, [])
    if not noted:
        return
    session.flush()  # the rest first: whatever that has to wait for is waited for before the lock
    head = _head(session)
    last = head.hash
    for one in noted:
        one.line.hash = last = chained(last, _told(one.line))
        session.add(one.line)
        session.flush()  # one by one: their ids are in the order of the chain
    head.line_id, head.hash = noted[-1].line.id, last
    session.flush()


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        write_down(session)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    """Lines noted within what is rolled back, a savepoint or everything, never happened."""
    waiting: list[_Noted] = session.info.get(_WAITING, [])
    undone = session.get_nested_transaction()
    waiting[:] = [one for one in waiting if undone and undone not in _savepoints(one.within)]


@event.listens_for(Session, "after_transaction_end")
def _hand_over(session: Session, ended: SessionTransaction) -> None:
    """A savepoint that went well leaves its lines to what it stands in."""
    waiting: list[_Noted] = session.info.get(_WAITING, [])
    if ended.parent is None:
        waiting.clear()  # closed without a commit, which would have written them
    for one in waiting:
        if one.within is ended:
            one.within = ended.parent


def _savepoints(within: SessionTransaction | None) -> Iterable[SessionTransaction]:
    while within is not None:
        yield within
        within = within.parent


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


def _told(line: AuditLine) -> list[Any]:
    return [line.at.timestamp(), line.actor_id, line.action, line.subject, line.reason]


def chained(before: str, told: list[Any]) -> str:
    """The hash of a line that stands behind one of hash `before` (SHA-256, hexadecimal).

    told: [seconds since 1970, actor_id, action, subject, reason].
    """
    return hashlib.sha256(json.dumps([before, *told]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chain:
    """What a look along the chain found. lines: how many were looked at. newest, hash: the last
    line there is. broken_at: the first line that is not what was written, None for a whole chain.
    Lines that are gone at the end are told by `cut`."""

    lines: int
    newest: int
    hash: str
    broken_at: int | None
    cut: bool

    @property
    def whole(self) -> bool:
        """Whether every line is as it was written, and none is missing."""
        return self.broken_at is None and not self.cut


def verify(session: Session, newest: int | None = None) -> Chain:
    """Look along the chain: all of it, or its `newest` lines, taking the one before for right.

    Reads about 100,000 lines a second, never more than a few thousand of them at a time.
    """
    columns = (
        AuditLine.at,
        AuditLine.actor_id,
        AuditLine.action,
        AuditLine.subject,
        AuditLine.reason,
        AuditLine.id,
        AuditLine.hash,
    )
    query = select(*columns).order_by(AuditLine.id)
    before, last, count = START, 0, 0
    if newest is not None:
        ids = select(AuditLine.id).order_by(AuditLine.id.desc())
        known = session.scalar(ids.offset(newest).limit(1))
        if known is not None:
            before = session.get_one(AuditLine, known, populate_existing=True).hash
            query = query.where(AuditLine.id > known)
    broken = None
    for row in session.execute(query.execution_options(yield_per=2000)):
        at, *told, line_id, written = row
        count, last = count + 1, line_id
        if broken is None and written != chained(before, [at.timestamp(), *told]):
            broken = line_id
        before = written
    head = session.get(AuditHead, 1, populate_existing=True)
    remembered = (head.line_id, head.hash) if head else (0, START)
    return Chain(count, last, before, broken, cut=remembered != (last, before))


def lines_about(session: Session, subject: str, limit: int) -> list[AuditLine]:
    """The newest lines about one subject (``ticket:12``), newest first."""
    query = select(AuditLine).where(AuditLine.subject == subject)
    return list(session.scalars(query.order_by(AuditLine.id.desc()).limit(limit)))


def lines_of(session: Session, people: Collection[int], limit: int) -> list[AuditLine]:
    """The newest lines of and about these people, newest first."""
    subjects = [f"person:{person}" for person in people]
    query = select(AuditLine).where(
        AuditLine.actor_id.in_(list(people)) | AuditLine.subject.in_(subjects)
    )
    return list(session.scalars(query.order_by(AuditLine.id.desc()).limit(limit)))


def newest_lines(session: Session, limit: int) -> list[AuditLine]:
    """The newest lines, newest first."""
    return list(session.scalars(select(AuditLine).order_by(AuditLine.id.desc()).limit(limit)))


def count(session: Session) -> int:
    """How many lines there are."""
    return session.scalar(select(func.count()).select_from(AuditLine)) or 0


def names_before(session: Session, person_id: int) -> set[int]:
    """The person and every number they had before rows of theirs were made one (``merged``)."""
    found: set[int] = set()
    line = {person_id}
    while line:
        found |= line
        rows = session.scalars(
            select(AuditLine.subject).where(
                AuditLine.action == "merged", AuditLine.actor_id.in_(line)
            )
        )
        line = {int(subject.partition(":")[2]) for subject in rows} - found
    return found


def who_now(session: Session, person_id: int | None) -> int | None:
    """The number of the human who had `person_id` then, through every merge since."""
    seen: set[int | None] = set()
    while person_id is not None and person_id not in seen:
        seen.add(person_id)
        into = session.scalar(
            select(AuditLine.actor_id)
            .where(AuditLine.action == "merged", AuditLine.subject == f"person:{person_id}")
            .order_by(AuditLine.id.desc())
            .limit(1)
        )
        if into is None:
            return person_id
        person_id = into
    return person_id
