"""Importing who serves where: 姓名, 手机号, 角色, 负责区域, 替岗人手机号, 单位, 分管事项, 电话公开,
在岗到.

A deputy may be listed further down in the same list. Posts that a list does not mention stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import limbo, people, roles, rules, services
from storage.importing.calendar_rows import day_written
from storage.importing.places import Places
from storage.importing.reading import Row, same, words
from storage.importing.report import Bad, BadRow, Item, Outcome, hidden
from storage.names import bare
from storage.people import Person
from storage.phones import masked, normal_phone
from storage.posts import Post, Role
from storage.working_time import SHANGHAI

_Key = tuple[str, Role, int]
"""A post as a list knows it: the holder's number, the role, the area."""


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post. deputy: a number, or None for nobody; says_deputy: the list has that column.

    unit, handles, phone_public: as in `Post`; None when the list has no such column. until: when it
    ends, None for never; says_until: the list has that column.
    """

    name: str
    phone: str
    role: Role
    area_id: int
    deputy: str | None
    says_deputy: bool
    unit: str | None = None
    handles: list[str] | None = None
    phone_public: bool | None = None
    until: datetime | None = None
    says_until: bool = False

    @property
    def key(self) -> _Key:
        """What makes two rows the same post."""
        return self.phone, self.role, self.area_id


class PostRows:
    """Checks and applies the rows of a posts list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._places = Places(session)
        self._seen: dict[_Key, int] = {}
        self._named: dict[str, tuple[str, int]] = {}
        self._people: dict[str, Person | None] = {}

    def check(self, row: Row) -> PostRow:
        """The row, ready but for its deputy. Raises Bad."""
        name = row.needed("name", 64)
        phone = _phone(row, "phone", row.needed("phone"))
        role = self._role(row.needed("role"))
        area_id = self._places.path(row.needed("area"))
        written = row.text("deputy")
        deputy = _phone(row, "deputy", written) if written else None
        if deputy == phone:
            raise Bad("deputy_self")
        self._check_name(name, phone, row.number)
        unit = row.text("unit", 64) if row.has("unit") else None
        handles = _handles(row) if row.has("handles") else None
        public = _public(row) if row.has("phone_public") else None
        ready = PostRow(
            name, phone, role, area_id, deputy, row.has("deputy"), unit, handles, public,
            _until(row, self._now), row.has("until"),
        )  # fmt: skip
        if ready.key in self._seen:
            raise Bad("row_twice", first=self._seen[ready.key])
        self._seen[ready.key] = row.number
        self._named.setdefault(phone, (name, row.number))
        return ready

    @staticmethod
    def _role(text: str) -> Role:
        role = roles.role_named(text)
        if role is None:
            raise Bad("role_unknown", value=text[:20], roles="、".join(roles.names()))
        return role

    def _check_name(self, name: str, phone: str, number: int) -> None:
        listed = self._named.get(phone)
        if listed is not None and not same(listed[0], name):
            raise Bad("name_differs", phone=masked(phone), first=listed[1])
        person = self._person(phone)
        if person is None or not person.name or same(person.name, name):
            return
        # A number that went to someone else must not bring the new post to the old one's chat. A
        # person without posts bears the name of their chat, which the list corrects.
        if self._session.scalar(select(Post.id).where(Post.person_id == person.id).limit(1)):
            raise Bad("phone_of_another", phone=masked(phone), known=person.name)

    def _person(self, phone: str) -> Person | None:
        if phone not in self._people:
            self._people[phone] = people.find_by_phone(self._session, phone)
        return self._people[phone]

    def check_together(self, items: list[Item[PostRow]]) -> list[BadRow]:
        """What only shows with the whole list: deputies nobody knows, and rings of deputies."""
        bad: list[BadRow] = []
        good = items
        while True:  # a deputy whose own row falls out is unknown in turn
            listed = {item.content.phone for item in good}
            lost = [item for item in good if not self._knows(item.content.deputy, listed)]
            if not lost:
                break
            bad += [
                BadRow(i.row_number, "deputy_unknown", {"phone": masked(i.content.deputy or "")})
                for i in lost
            ]
            gone = {item.row_number for item in lost}
            good = [item for item in good if item.row_number not in gone]
        return bad + self._rings(good)

    def _knows(self, deputy: str | None, listed: set[str]) -> bool:
        return deputy is None or deputy in listed or self._person(deputy) is not None

    def _rings(self, items: list[Item[PostRow]]) -> list[BadRow]:
        """The rows whose deputy would come back to their holder, the rows before them standing."""
        edges = self._standing_deputies({item.content.key: item.content for item in items})
        bad = []
        for item in items:
            row = item.content
            if row.deputy is None:
                continue
            holder, deputy = self._node(row.phone), self._node(row.deputy)
            if _reaches(edges, deputy, holder):
                bad.append(BadRow(item.row_number, "deputy_cycle"))
            else:
                edges.setdefault(holder, []).append(deputy)
        return bad

    def _node(self, phone: str) -> int | str:
        person = self._person(phone)
        return phone if person is None else person.id

    def _standing_deputies(self, rows: dict[_Key, PostRow]) -> dict[int | str, list[int | str]]:
        """Who stands in for whom already, but for the posts whose deputy the list will set."""
        replaced = set()
        for row in rows.values():
            person = self._person(row.phone)
            if person is not None and row.says_deputy:
                replaced.add((person.id, row.role.value, row.area_id))
        edges: dict[int | str, list[int | str]] = {}
        known = select(Post.person_id, Post.role, Post.area_id, Post.deputy_id)
        for holder, role, area_id, deputy in self._session.execute(
            known.where(Post.deputy_id.is_not(None))
        ):
            if (holder, role, area_id) not in replaced and deputy is not None:
                edges.setdefault(holder, []).append(deputy)
        return edges

    def apply(self, items: list[Item[PostRow]]) -> Iterator[Outcome]:
        """Write the rows down: everybody first, so that every deputy is someone."""
        for item in items:
            self._ensure(item.content)
        self._session.flush()
        posts = self._posts({self._id(item.content.phone) for item in items})
        for item in items:
            yield self._one(item.content, posts)
        self._session.flush()
        limbo.knock(self._session, self._now)  # what nobody served may have somebody now

    def _ensure(self, row: PostRow) -> None:
        person = self._person(row.phone)
        if person is None:
            person = Person(name=row.name, created_at=self._now)
            self._session.add(person)
            people.set_phone(self._session, person, row.phone, True)
            self._people[row.phone] = person
        elif not same(person.name, row.name):
            person.name = row.name

    def _id(self, phone: str) -> int:
        person = self._person(phone)
        assert person is not None  # checked, or made by _ensure
        return person.id

    def _posts(self, holders: set[int]) -> dict[tuple[int, str, int], Post]:
        found: dict[tuple[int, str, int], Post] = {}
        ordered = sorted(holders)
        for start in range(0, len(ordered), 500):  # SQLite takes 32,766 parameters at most
            some = ordered[start : start + 500]
            for post in self._session.scalars(select(Post).where(Post.person_id.in_(some))):
                found[post.person_id, post.role, post.area_id] = post
        return found

    def _one(self, row: PostRow, posts: dict[tuple[int, str, int], Post]) -> Outcome:
        holder = self._id(row.phone)
        deputy = self._id(row.deputy) if row.deputy else None
        post = posts.get((holder, row.role.value, row.area_id))
        if post is None:
            self._session.add(
                Post(
                    person_id=holder,
                    role=row.role.value,
                    area_id=row.area_id,
                    deputy_id=deputy,
                    unit=row.unit or "",
                    handles=row.handles or [],
                    phone_public=bool(row.phone_public),
                    until=row.until,
                )
            )
            return "added"
        outcome: Outcome = "unchanged"
        if row.says_deputy and post.deputy_id != deputy:
            post.deputy_id, outcome = deputy, "changed"
        if row.unit is not None and post.unit != row.unit:
            post.unit, outcome = row.unit, "changed"
        if row.handles is not None and post.handles != row.handles:
            post.handles, outcome = row.handles, "changed"
        if row.phone_public is not None and post.phone_public != row.phone_public:
            post.phone_public, outcome = row.phone_public, "changed"
        if self._ends_otherwise(row, post):
            post.until, outcome = row.until, "changed"
        return outcome

    def _ends_otherwise(self, row: PostRow, post: Post) -> bool:
        """Whether the list says of the post's end what is not so yet. A list without that column
        says nothing, but that a post which had ended holds again."""
        over = post.until is not None and post.until <= self._now
        if not row.says_until:
            return over
        return not (over and row.until == self._now) and post.until != row.until


def _handles(row: Row) -> list[str]:
    """The keys of the kinds and services that a cell names, by key or label. Raises Bad."""
    known = {bare(kind.label): key for key, kind in services.kinds().items()}
    known |= {bare(service.label): key for key, service in rules.shipped().items()}
    known |= {key: key for key in (*services.kinds(), *rules.shipped())}
    found = []
    for name in re.split("[、,，;；/\\s]+", row.text("handles", 300)):
        key = known.get(bare(name))
        if key is not None:
            found.append(key)
        elif name:
            labels = "、".join(kind.label for kind in services.kinds().values())
            heading = row.headings["handles"]
            raise Bad("handles_unknown", column=heading, value=name[:20], known=labels)
    return list(dict.fromkeys(found))


def _until(row: Row, now: datetime) -> datetime | None:
    """When a post ends: behind the day that a cell names, or now; None for an empty one. Raises
    Bad."""
    if not row.has("until") or not str(row.cells["until"]).strip():
        return None
    written = row.date_or_text("until", 32)
    if bare(written) in map(bare, words("posts", "ended")["now"]):
        return now
    try:
        day = day_written(written)
    except Bad:
        column = row.headings["until"]
        raise Bad("post_until_bad", column=column, value=written[:20]) from None
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(now.tzinfo)


def _public(row: Row) -> bool:
    """Whether a cell says that the number is for everybody; an empty one says no. Raises Bad."""
    written, known = row.text("phone_public", 16), words("posts", "yes_no")
    if bare(written) in map(bare, known["yes"]):
        return True
    if bare(written) in map(bare, ["", *known["no"]]):
        return False
    allowed = f"{known['yes'][0]}、{known['no'][0]}"
    column = row.headings["phone_public"]
    raise Bad("word_bad", column=column, value=written[:20], allowed=allowed)


def _phone(row: Row, field: str, written: str) -> str:
    phone = normal_phone(written)
    if phone is None:
        raise Bad("phone_bad", column=row.headings[field], phone=hidden(written))
    return phone


def _reaches(edges: dict[int | str, list[int | str]], start: int | str, goal: int | str) -> bool:
    reached, frontier = set[int | str](), [start]
    while frontier:
        here = frontier.pop()
        if here == goal:
            return True
        if here not in reached:
            reached.add(here)
            frontier += edges.get(here, [])
    return False
