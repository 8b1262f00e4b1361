"""Where each chat's conversation stands: the answers so far, and the question that is open."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ForeignKey, String, Table, bindparam, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from storage.base import Base, SealedJson
from storage.prepared import Prepared, parameters


class Conversation(Base):
    """One row a chat, kept between conversations (then `name` is empty).

    state: {"args": {}, "answers": [[key, value], ...], "draft": a half-given answer,
    "sources": {key: {message id: words}} of answers given in words, "parked": the conversations
    left for others, in the same form, "pressed_last": the [outbox id, value] that was picked
    last}, sealed.
    asked_ref: the outbox id of the message whose choices a typed number picks from, or None.
    misses: how often in a row the open question got no sense.
    interrupted: a message with choices of its own came in between, so that a bare number could
    mean either.
    """

    __tablename__ = "conversations"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[dict[str, Any]] = mapped_column(SealedJson, default=dict)
    asked_ref: Mapped[int | None]
    misses: Mapped[int] = mapped_column(default=0)
    interrupted: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime]


_HELD_HERE = "bookmarks"
_BEFORE = "bookmarks before each savepoint"


@dataclass(slots=True)
class Bookmark:
    """Where a chat's conversation stands, as one message sees it: a row of `Conversation`, whose
    words explain it. What is changed here is kept by `keep` alone; `state` is replaced, never
    changed in place."""

    account_id: int
    name: str
    state: dict[str, Any]
    asked_ref: int | None
    misses: int
    interrupted: bool
    updated_at: datetime


def of(session: Session, account_id: int, now: datetime) -> Bookmark:
    """Where the conversation of this chat stands, its row held until the message is stored; made
    when there is none. The same one however often the message asks.

    On PostgreSQL a message of another chat may push a card into this one at the same moment: who
    comes second waits, and sees what the first made of it.
    """
    session.connection()  # begins the transaction, with which what is held ends
    known: dict[int, Bookmark] = session.info.setdefault(_HELD_HERE, {})
    if account_id not in known:
        known[account_id] = _held(session, account_id) or _begun(session, account_id, now)
    return known[account_id]


@event.listens_for(Session, "after_transaction_create")
def _begins(session: Session, transaction: SessionTransaction) -> None:
    known: dict[int, Bookmark] = session.info.get(_HELD_HERE, {})
    if transaction.nested:
        before = {account_id: replace(one) for account_id, one in known.items()}
        session.info.setdefault(_BEFORE, {})[transaction] = before


@event.listens_for(Session, "after_soft_rollback")
def _taken_back(session: Session, transaction: SessionTransaction) -> None:
    # Each stays the object it is: who has one goes on changing it, and must see what others change.
    before: dict[int, Bookmark] | None = session.info.get(_BEFORE, {}).pop(transaction, None)
    if before is None:
        return
    known: dict[int, Bookmark] = session.info.get(_HELD_HERE, {})
    for account_id in list(known):
        if account_id not in before:
            del known[account_id]
            continue
        for name in _COLUMNS:
            setattr(known[account_id], name, getattr(before[account_id], name))


@event.listens_for(Session, "after_transaction_end")
def _ends(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_HELD_HERE, None)
        session.info.pop(_BEFORE, None)


def keep(session: Session, bookmark: Bookmark) -> None:
    """Write down where a conversation stands now."""
    _KEEP.rows(session, **{f"now_{name}": getattr(bookmark, name) for name in _COLUMNS})


def waiting_in(
    session: Session, account_id: int, name: str, now: datetime
) -> dict[str, Any] | None:
    """What was said in the conversation `name` of this chat, under way or laid aside: its args and
    answers. None where there is none."""
    bookmark = of(session, account_id, now)
    state = bookmark.state or {}
    if bookmark.name == name:
        return state
    parked = state.get("parked", [])
    return next((one for one in reversed(parked) if one["name"] == name), None)


def end(session: Session, account_id: int, name: str, now: datetime) -> None:
    """The conversation `name` of this chat, under way or laid aside, is over: nobody spoke."""
    bookmark = of(session, account_id, now)
    state = bookmark.state or {}
    if bookmark.name == name:
        state = {key: state[key] for key in ("parked", "pressed_last") if key in state}
        bookmark.name, bookmark.asked_ref, bookmark.misses = "", None, 0
    if "parked" in state:
        state = {**state, "parked": [one for one in state["parked"] if one["name"] != name]}
    bookmark.state = state
    keep(session, bookmark)


def _begun(session: Session, account_id: int, now: datetime) -> Bookmark:
    fresh = Bookmark(account_id, "", {}, None, 0, False, now)
    begin = _BEGIN[session.get_bind().dialect.name]
    begin.rows(session, **{name: getattr(fresh, name) for name in _COLUMNS})
    found = _held(session, account_id)  # another process may have been quicker
    assert found is not None
    return found


def _held(session: Session, account_id: int) -> Bookmark | None:
    found = _HELD.first(session, account=account_id)
    return None if found is None else Bookmark(*found)


_TABLE = cast("Table", Conversation.__table__)
_COLUMNS = tuple(field.name for field in fields(Bookmark))
_HELD = Prepared(
    select(*(_TABLE.c[name] for name in _COLUMNS))
    .where(_TABLE.c.account_id == bindparam("account"))
    .with_for_update()
)
_KEEP = Prepared(
    update(_TABLE)
    .where(_TABLE.c.account_id == bindparam("now_account_id"))
    .values({name: bindparam(f"now_{name}") for name in _COLUMNS if name != "account_id"})
)
_FIRST = parameters(_TABLE, but=())
_BEGIN = {
    "sqlite": Prepared(sqlite.insert(_TABLE).values(_FIRST).on_conflict_do_nothing()),
    "postgresql": Prepared(postgresql.insert(_TABLE).values(_FIRST).on_conflict_do_nothing()),
}
