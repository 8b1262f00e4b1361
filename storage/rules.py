"""What can be asked for, as rows: each service's rule, of which a change makes a new version.

A ticket keeps the version it was filed under, so a changed rule holds from the next ticket on.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import roles
from storage.base import Base
from storage.names import bare, pinyin
from storage.posts import Role
from storage.remembered import once

DATA = Path(__file__).parent / "data"

OPEN, PRIVATE, CONFIDENTIAL = "open", "private", "confidential"
ALL_KINDS = "all"
LATE = ("climb", "call")
QUESTIONS = ("text", "pick", "photos")


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder. claim, solve: working minutes. late: see services.toml."""

    level: str
    roles: tuple[Role, ...]
    claim: int
    solve: int
    late: str = "call"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a service's own. kind: one of `QUESTIONS`; choices: for a pick."""

    key: str
    ask: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service's rule; the fields are those of storage/data/services.toml."""

    key: str
    label: str
    hint: str
    words: tuple[str, ...]
    kinds: tuple[str, ...] | str
    asks_where: bool
    first: tuple[Role, ...]
    ladder: tuple[Rung, ...]
    questions: tuple[Asked, ...] = ()
    every_minute: bool = False
    warn: tuple[int, ...] = (50, 80, 100)
    privacy: str = OPEN
    photo: bool = False
    joinable: bool = False
    hot: tuple[int, int] = (3, 5)
    follow_up: tuple[int, int] = (24, 72)
    about_worker: bool = False
    active: bool = True
    opening: str = ""
    """What is asked first; empty: the question that all services share."""
    version: int = 0

    def rung_of(self, role: Role | str) -> int | None:
        """The lowest rung on which a role stands; None when it stands on none."""
        return next((i for i, rung in enumerate(self.ladder) if role in rung.roles), None)

    def hides_from(self, role: Role | str) -> bool:
        """Whether a holder of this role may never have part in such a ticket."""
        return self.privacy == CONFIDENTIAL and role in NEVER_CONFIDENTIAL


ALWAYS_ON = ("request", "human")
"""Without these two a resident could not say anything at all."""

LONGEST_LIMIT = 60
"""Days of the longest time limit, the longest that the 信访工作条例 (article 34) allows."""
DAY, WORKDAY = 24 * 60, 480
"""Minutes of a day: all of them, and those that are worked (see storage/data/services.toml)."""

NEVER_CONFIDENTIAL = (Role.GRID_WORKER, Role.LIAISON, Role.BUILDING_STEWARD, Role.PROPERTY_MANAGER)
"""Who lives or works next door and must not learn of a confidential matter (issue: 法律求助)."""


class ServiceRule(Base):
    """One version of a service's rule. The newest version of a key holds for new tickets."""

    __tablename__ = "services"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    set_at: Mapped[datetime | None]
    """None for what the program came with."""
    set_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class BadRule(ValueError):
    """A rule that cannot work. reason_key: which sentence says why; facts: what it names."""

    def __init__(self, reason_key: str, **facts: Any) -> None:
        super().__init__(reason_key)
        self.reason_key = reason_key
        self.facts = facts


def read(key: str, rule: Mapping[str, Any], version: int = 0) -> Service:
    """The rule as a value. Raises KeyError, TypeError or ValueError for one that is not whole."""
    rungs = tuple(
        Rung(**{**rung, "roles": tuple(Role(r) for r in rung["roles"])}) for rung in rule["ladder"]
    )
    asked = tuple(
        Asked(**{**one, "choices": tuple(one.get("choices", ()))})
        for one in rule.get("questions", ())
    )
    kinds = rule["kinds"]
    known = {**rule, "kinds": kinds if isinstance(kinds, str) else tuple(kinds)}
    for name in ("words", "warn", "hot", "follow_up"):
        if name in known:
            known[name] = tuple(known[name])
    known |= {
        "first": tuple(Role(r) for r in rule["first"]),
        "ladder": rungs,
        "questions": asked,
        "version": version,
    }
    return Service(key=key, **known)


def written(service: Service) -> dict[str, Any]:
    """The rule as JSON; `read` gives it back."""
    plain = asdict(service)
    for name in ("key", "version"):
        plain.pop(name)
    return plain


@cache
def shipped() -> dict[str, Service]:
    """The rules that the program comes with, by key."""
    content = tomllib.loads((DATA / "services.toml").read_text("utf-8"))
    ladders = content["ladders"]
    return {
        key: read(key, {**row, "ladder": ladders[row["ladder"]]})
        for key, row in content["services"].items()
    }


def plant(session: Session) -> None:
    """Copy into the database what the program comes with and the database does not know yet."""
    known = set(session.scalars(select(ServiceRule.key).distinct()))
    for key, service in shipped().items():
        if key not in known:
            session.add(ServiceRule(key=key, version=1, rule=written(service)))
    session.flush()


def current(session: Session) -> dict[str, Service]:
    """Every service by its newest rule, in the order they were made; inactive ones too."""

    def read_all() -> dict[str, Service]:
        rows = session.execute(_CURRENT)
        return {key: _kept(key, version, rule) for key, version, rule in rows}

    return dict(once(session, (ServiceRule.__tablename__,), "current", read_all))


def _newest() -> Select[str, int, str]:
    known = (
        select(
            ServiceRule.key,
            func.max(ServiceRule.version).label("newest"),
            func.min(ServiceRule.id).label("first"),
        )
        .group_by(ServiceRule.key)
        .subquery()
    )
    newest = (ServiceRule.key == known.c.key) & (ServiceRule.version == known.c.newest)
    return (
        select(ServiceRule.key, ServiceRule.version, cast(ServiceRule.rule, Text))
        .join(known, newest)
        .order_by(known.c.first)
    )


_CURRENT = _newest()


@lru_cache(maxsize=1024)
def _kept(key: str, version: int, rule: str) -> Service:
    """`read` of the JSON text of a rule; what is written never changes, so it is read once."""
    return read(key, json.loads(rule), version)


def of_version(session: Session, key: str, version: int) -> Service:
    """The rule of a version; the newest one where that version is not there. Raises KeyError."""
    newest = current(session).get(key)
    if newest is None:
        return shipped()[key]
    if newest.version == version:
        return newest

    def read_one() -> Service:
        row = session.execute(_OF_VERSION, {"key": key, "version": version}).first()
        return newest if row is None else _kept(key, version, row[0])

    return once(session, (ServiceRule.__tablename__,), (key, version), read_one)


_OF_VERSION = select(cast(ServiceRule.rule, Text)).where(
    ServiceRule.key == bindparam("key"), ServiceRule.version == bindparam("version")
)


def check(
    service: Service, kinds: Iterable[str], others: Mapping[str, Service] | None = None
) -> None:
    """Raise BadRule for a rule by which a ticket could be lost or never end.

    others: the services beside it, among which its name and its words must be the only ones.
    """
    if not bare(service.label):
        raise BadRule("no_label")
    if not service.active and service.key in ALWAYS_ON:
        raise BadRule("must_stay", label=service.label)
    if service.privacy not in (OPEN, PRIVATE, CONFIDENTIAL):
        raise BadRule("no_privacy", given=service.privacy)
    if service.joinable and service.privacy != OPEN:
        raise BadRule("joinable_private")
    _check_ladder(service)
    if not all(0 < share <= 100 for share in service.warn):
        raise BadRule("bad_warn")
    if isinstance(service.kinds, str) and service.kinds != ALL_KINDS:
        raise BadRule("unknown_kind", given=service.kinds)
    unknown = [] if isinstance(service.kinds, str) else sorted(set(service.kinds) - set(kinds))
    if unknown:
        raise BadRule("unknown_kind", given=unknown[0])
    _check_questions(service)
    _check_among(service, others or {})


def _check_ladder(service: Service) -> None:
    if not service.ladder:
        raise BadRule("no_ladder")
    stood: set[Role] = set()
    longest = LONGEST_LIMIT * (DAY if service.every_minute else WORKDAY)
    for rung in service.ladder:
        if not rung.roles or rung.late not in LATE:
            raise BadRule("bad_rung", level=rung.level)
        if not (0 < rung.claim <= longest and 0 < rung.solve <= longest):
            raise BadRule("limit_range", days=LONGEST_LIMIT)
        # A role on two rungs: what climbs from the upper would go round to the lower for ever.
        twice = [role for role in rung.roles if role in stood or rung.roles.count(role) > 1]
        if twice:
            raise BadRule("role_twice", role=roles.label(twice[0]))
        stood |= set(rung.roles)
    hidden = [role for role in (*service.first, *stood) if service.hides_from(role)]
    if hidden:
        raise BadRule("confidential_to_neighbours", role=roles.label(hidden[0]))


def _check_questions(service: Service) -> None:
    keys = [one.key for one in service.questions]
    for one in service.questions:
        few = one.kind == "pick" and len(set(one.choices)) < 2
        if one.kind not in QUESTIONS or not bare(one.ask) or few or keys.count(one.key) > 1:
            raise BadRule("bad_question", ask=one.ask)


def _check_among(service: Service, others: Mapping[str, Service]) -> None:
    words = {bare(word) for word in service.words}
    short = [word for word in service.words if len(bare(word)) < 2]
    if short:
        raise BadRule("word_short", word=short[0])
    for other in others.values():
        if other.key == service.key:
            continue
        if bare(other.label) == bare(service.label):
            raise BadRule("label_taken", label=other.label)
        if not (service.active and other.active):
            continue
        shared = [word for word in (other.label, *other.words) if bare(word) in words]
        shared += [service.label] if bare(service.label) in map(bare, other.words) else []
        if shared:
            raise BadRule("word_taken", word=shared[0], label=other.label)


def new_key(label: str, known: Iterable[str]) -> str:
    """A key for a service that is made while the program runs: its name in letters, and a number
    where another has those."""
    taken = set(known)
    start = pinyin(label)[0][:24] or "service"
    numbered = (f"{start}{n}" for n in count(2))
    return start if start not in taken else next(key for key in numbered if key not in taken)


def change(session: Session, service: Service, now: datetime, by: int | None) -> Service:
    """Make `service` the rule of its key from the next ticket on; it, with its new version.

    A rule that says the same as the newest one changes nothing. The caller has called `check`.
    """
    newest = session.scalars(
        select(ServiceRule)
        .where(ServiceRule.key == service.key)
        .order_by(ServiceRule.version.desc())
        .limit(1)
        .with_for_update()
    ).first()
    rule = written(service)
    if newest is not None and written(read(service.key, newest.rule)) == rule:
        return read(service.key, newest.rule, newest.version)
    version = newest.version + 1 if newest else 1
    session.add(ServiceRule(key=service.key, version=version, rule=rule, set_at=now, set_by=by))
    session.flush()
    return read(service.key, rule, version)
