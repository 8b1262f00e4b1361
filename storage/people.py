"""People, and the accounts they speak through: one person may have several, one per chat."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    exists,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from storage import outbox, remembered
from storage.base import Base, Sealed, vault_in
from storage.phones import normal_phone, phone_digest
from storage.prepared import Prepared

STAFF_CHANNEL = "telegram_staff"


class Person(Base):
    """Someone: a resident, a worker, or both.

    phone_hash: keyed hash of the number, for look-ups. phone_proven: the number is known to be
    theirs (the county listed it, or the platform vouched for it); only such a number proves a post.
    notices_stopped_at: since when they want no ordinary notices. erased_at: when all that told who
    they are was removed at their wish (`storage.erasing`); what they filed still counts in figures.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), default="")
    phone: Mapped[str | None] = mapped_column(Sealed)
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_proven: Mapped[bool] = mapped_column(default=False)
    home_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    consented_at: Mapped[datetime | None]
    notices_stopped_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Account(Base):
    """A person in one chat of one channel.

    token_hash: for the page, the keyed hash of the personal link's token.
    large_print: the person asked for big type.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("channel", "chat"),
        Index("ix_accounts_blocked_at", "blocked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    large_print: Mapped[bool] = mapped_column(default=False)
    blocked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime]
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class NotAPhone(ValueError):
    """The text is no Chinese phone number."""


def find_by_phone(session: Session, phone: str, proven_only: bool = True) -> Person | None:
    """Whose number this is, however it is written; a proven owner before one who only said so.

    proven_only: leave out people whose number nobody vouched for. None for what is no number.
    """
    normal = normal_phone(phone)
    if normal is None:
        return None
    wanted = select(Person).where(Person.phone_hash == phone_digest(vault_in(session), normal))
    if proven_only:
        wanted = wanted.where(Person.phone_proven)
    return session.scalars(wanted.order_by(Person.phone_proven.desc(), Person.id).limit(1)).first()


def set_phone(session: Session, person: Person, phone: str | None, proven: bool) -> None:
    """Write down a person's number, or take it away (None).

    proven: the county listed it or the platform vouched for it. A number that was proven stays so
    when the person merely repeats it. Raises NotAPhone.
    """
    if phone is None:
        person.phone = person.phone_hash = None
        person.phone_proven = False
    else:
        normal = normal_phone(phone)
        if normal is None:
            raise NotAPhone
        digest = phone_digest(vault_in(session), normal)
        person.phone_proven = proven or (person.phone_proven and person.phone_hash == digest)
        person.phone, person.phone_hash = normal, digest
    session.flush()


def account_in(session: Session, channel: str, chat: str) -> Account | None:
    """The account of a chat, if anybody has spoken there or a link was made for it."""
    return session.scalars(_IN_CHAT, {"in_channel": channel, "in_chat": chat}).first()


_IN_CHAT = select(Account).where(
    Account.channel == bindparam("in_channel"), Account.chat == bindparam("in_chat")
)


def account(session: Session, channel: str, chat: str, name: str, now: datetime) -> Account:
    """The account of a chat, with a person of its own on first contact.

    Speaking through it un-blocks it and makes it the last used. name: what the platform shows;
    kept only for someone new.
    """
    found = account_in(session, channel, chat)
    if found is None:
        try:
            with session.begin_nested():
                person = Person(name=name.strip()[:64], created_at=now)
                session.add(person)
                session.flush()
                found = Account(
                    person=person, channel=channel, chat=chat, last_used_at=now, created_at=now
                )
                session.add(found)
                session.flush()
            return found
        except IntegrityError:
            # Another process met this chat at the same moment.
            found = account_in(session, channel, chat)
            if found is None:
                raise
    if found.blocked_at is not None:
        found.blocked_at = None
        outbox.unblock(session, channel, chat, now)
    if found.last_used_at < now:
        # Every message does this, so not by way of the session, which takes five times as long.
        _USED.rows(session, used_id=found.id, now=now)
        set_committed_value(found, "last_used_at", now)
        remembered.forget(session, Account.__tablename__)
    return found


_ACCOUNTS = cast("Table", Account.__table__)
_USED = Prepared(
    update(_ACCOUNTS)
    .where(_ACCOUNTS.c.id == bindparam("used_id"))
    .values(last_used_at=bindparam("now"))
)


def called(session: Session, name_or_phone: str) -> list[Person]:
    """Everybody of exactly this name, or who has this phone number."""
    by_phone = find_by_phone(session, name_or_phone)
    if by_phone is not None:
        return [by_phone]
    query = select(Person).where(Person.name == name_or_phone.strip()).order_by(Person.id)
    return list(session.scalars(query))


def accounts_of(session: Session, person_id: int) -> list[Account]:
    """A person's accounts, the last used first."""

    def read() -> list[Account]:
        return list(session.scalars(_OF_PERSON, {"of_person": person_id}))

    return list(remembered.once(session, (Account.__tablename__,), person_id, read, objects=True))


_OF_PERSON = (
    select(Account)
    .where(Account.person_id == bindparam("of_person"))
    .order_by(Account.last_used_at.desc(), Account.id)
)


def reach(session: Session, person_id: int, *, prefer_staff: bool) -> Account | None:
    """Where to write to a person: the last used account that has not blocked us.

    prefer_staff: an account of the staff channel first; otherwise such a one only when there is no
    other. None when the person has no account that can be written to.
    """
    open_ones = [a for a in accounts_of(session, person_id) if a.blocked_at is None]
    open_ones.sort(key=lambda a: (a.channel == STAFF_CHANNEL) != prefer_staff)
    return open_ones[0] if open_ones else None


def merge(session: Session, old: Person, into: Person) -> None:
    """Make two rows that are one human one: everything of `old` becomes `into`'s.

    Whatever points at a person moves: accounts, tickets and parts in them, posts, absences, audit
    lines. Home, phone, name and consent are taken over where `into` has none. `old` is deleted.
    """
    if old.id == into.id:
        return
    import storage.tables  # fills the metadata; imports this file, so not at the top

    _take_over(old, into)
    session.flush()
    old_id, into_id = old.id, into.id
    for table, column in _columns_of_people():
        for others in _unique_with(table, column):
            # The row that would stand twice (party to one ticket under both names) is kept once.
            twin = table.alias()
            same = and_(*(twin.c[other.name] == other for other in others))
            session.execute(
                delete(table).where(
                    column == old_id, exists().where(twin.c[column.name] == into_id, same)
                )
            )
        session.execute(update(table).where(column == old_id).values({column.name: into_id}))
    post = storage.tables.Post
    absence = storage.tables.Absence
    for one in (post, absence):
        session.execute(update(one).where(one.person_id == one.deputy_id).values(deputy_id=None))
    session.expunge(old)
    session.execute(delete(Person).where(Person.id == old_id))
    session.expire_all()


def _take_over(old: Person, into: Person) -> None:
    into.home_id = into.home_id or old.home_id
    into.consented_at = into.consented_at or old.consented_at
    into.name = into.name or old.name
    into.created_at = min(into.created_at, old.created_at)
    if into.phone is None and old.phone is not None:
        into.phone, into.phone_hash = old.phone, old.phone_hash
        into.phone_proven = old.phone_proven


def _columns_of_people() -> list[tuple[Table, Column[int]]]:
    """Every column of the project that names a person, so that a new table needs no line here."""
    people_id = cast(Table, Person.__table__).c.id
    return [
        (table, cast("Column[int]", key.parent))
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is people_id
    ]


def _unique_with(table: Table, column: Column[int]) -> list[list[Column[object]]]:
    """For each unique rule that `column` is part of, the other columns of that rule."""
    return [
        [other for other in rule.columns if other is not column]
        for rule in table.constraints
        if isinstance(rule, UniqueConstraint | PrimaryKeyConstraint)
        and column.name in rule.columns
        and len(rule.columns) > 1
    ]


def block(session: Session, channel: str, chat: str, now: datetime) -> None:
    """Note that a chat takes no messages any more, until somebody speaks there again."""
    found = account_in(session, channel, chat)
    if found is not None and found.blocked_at is None:
        found.blocked_at = now


def spoke_since(session: Session, channel: str, chat: str, moment: datetime) -> bool:
    """Whether somebody has spoken in this chat since then."""
    found = account_in(session, channel, chat)
    return found is not None and found.last_used_at > moment
