"""请假: from when until when, who stands in, and what is open goes to them.

(an admin: whose) ▶ from ▶ until ▶ who stands in ──leads in a circle──▶ again ▶ confirm
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from handlers.permits import is_staff, may_somewhere
from handlers.questions import (
    Answered,
    Confirm,
    Json,
    Missed,
    Option,
    Partly,
    Pick,
    Prompt,
    Question,
    Reading,
)
from handlers.registry import command, conversation
from handlers.talk import Said, Talk
from handlers.views import name_of
from storage import absences, areas, audit, deputies, limbo, people, permissions, posts, roles
from storage.dates import day_in, days_in
from storage.deputies import DeputyCycle
from storage.leave_words import leave_in
from storage.posts import Post
from storage.times import span

LONGEST = timedelta(days=366)
"""A leave that is longer is a post that ended; a typing error more likely."""
MOST_COLLEAGUES = 7
NOBODY = 0
"""The answer to who stands in that leaves it to the next rung."""


class Day(Question[date]):
    """A day from `earliest` on, picked or written in any way; `counts`: 三天 means that many days,
    `earliest` being the first."""

    counts = True

    def __init__(
        self, name: str, /, earliest: date, *, labels: tuple[str, ...], counts: bool = False
    ) -> None:
        super().__init__(name)
        self._earliest = earliest
        self._labels = labels
        self._counts = counts

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        options = [
            Option((self._earliest + timedelta(days=days)).isoformat(), talk.word(label))
            for days, label in enumerate(self._labels)
        ]
        return Prompt(facts={"earliest": self._earliest}, options=options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        day = day_in(said.text, talk.now.astimezone(talk.zone).date())
        days = days_in(said.text) if day is None and self._counts else None
        if days:
            day = self._earliest + timedelta(days=days - 1)
        if day is None or not self._earliest <= day <= self._earliest + LONGEST:
            return Missed()
        return Answered(day.isoformat())

    def value(self, stored: Json, talk: Talk) -> date:
        return date.fromisoformat(stored)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return date.fromisoformat(stored) >= self._earliest


class Worker(Question[int]):
    """Somebody with a post, by name, for whom the speaker may do `action`; `options`: who needs no
    typing."""

    def __init__(
        self, name: str, /, action: str, options: tuple[Option, ...] = (), **facts: Json
    ) -> None:
        super().__init__(name, **facts)
        self._action = action
        self._options = options

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=self._options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        listed = Pick(self.name, self._options).read(said, None, talk, draft)
        if isinstance(listed, Answered):
            return listed
        found = [post for post in posts.named(talk.session, said.text.strip(), talk.now)
                 if self._may(talk, post)]  # fmt: skip
        if len(found) == 1:
            return Answered(found[0].person_id)
        if not found:
            return Missed()
        options = [Option(post.person_id, where_they_serve(talk, post)) for post in found]
        return Partly(draft, Prompt(facts=self.facts, options=options))

    def _may(self, talk: Talk, post: Post) -> bool:
        return permissions.allows_in(
            talk.session, self._action, talk.person.id, post.area_id, talk.now
        )

    def words(self, stored: Json, talk: Talk) -> str:
        return name_of(talk.session, stored)


def where_they_serve(talk: Talk, post: Post) -> str:
    """A worker's button (网格员 王某 莲花池花园)."""
    place = areas.title(talk.session, areas.get(talk.session, post.area_id))
    title = post.unit or roles.label(post.role)
    return f"{title} {name_of(talk.session, post.person_id)} {place}"


@command("leave")
def leave(talk: Talk) -> None:
    """请假."""
    talk.begin("ask_for_leave")


def asked_for(talk: Talk, text: str) -> bool:
    """Whether a worker's plain message asks for leave (请假三天, 后天到周五休息); then it is begun
    with what it says. Less than a day of today is 临时离岗."""
    said = leave_in(text, talk.now.astimezone(talk.zone).date())
    if said is None or not is_staff(talk):
        return False
    length = span(said.hours) if said.hours else None
    if length is not None:
        minutes = {"minutes": length // timedelta(minutes=1)}
        talk.begin("away", answers={"long": minutes})
    else:
        days = {"first": said.first, "last": said.last}
        dates: dict[str, Any] = {
            name: day.isoformat() for name, day in days.items() if day is not None
        }
        talk.begin("ask_for_leave", days=said.days, **dates)
    return True


@conversation("ask_for_leave")
def ask_for_leave(talk: Talk) -> None:
    """From when, until when, who stands in; what is open is handed on when it begins. What was
    said of it at once (`asked_for`) is taken for given."""
    person_id = whose(talk, "leave/whose")
    today = talk.now.astimezone(talk.zone).date()
    begins = Day("leave/from", today, labels=("leave.today", "leave.tomorrow"))
    first = talk.ask("from", begins, assume=talk.args.get("first"))
    ends = Day("leave/until", first, labels=("leave.one_day", "leave.two_days"), counts=True)
    last = talk.ask("until", ends, assume=_last_said(talk, first))
    deputy = _who_stands_in(talk, person_id)
    facts = {
        "first": first,
        "last": last,
        "name": "" if person_id == talk.person.id else name_of(talk.session, person_id),
        "deputy": name_of(talk.session, deputy),
    }
    number = limbo.count_unfinished(talk.session, person_id)
    sure = Confirm("leave/confirm", yes="leave", no="stay", summary=True, tickets=number, **facts)
    if not talk.ask("sure", sure):
        talk.say("leave/dropped")
        return
    _go(talk, person_id, first, last, deputy, facts)


def _last_said(talk: Talk, first: date) -> str | None:
    """The last day as it was said at once, by its date or by how many days; None for neither."""
    days = talk.args.get("days")
    if days is not None:
        return (first + timedelta(days=days - 1)).isoformat()
    last: str | None = talk.args.get("last")
    return last


def whose(talk: Talk, name: str) -> int:
    """The speaker, or whoever an admin does it for."""
    if not may_somewhere(talk, "leave_for"):
        return talk.person.id
    oneself = Option(talk.person.id, talk.word("leave.oneself"))
    return talk.ask("whose", Worker(name, "leave_for", (oneself,)))


def _who_stands_in(talk: Talk, person_id: int) -> int | None:
    """A colleague whose deputies do not lead back to who goes; None: the next rung."""
    refused: list[int] = []
    colleagues = _colleagues(talk, person_id)
    while True:
        left = [one for one in colleagues if one not in refused]
        options = [Option(one, name_of(talk.session, one)) for one in left]
        nobody = Option(NOBODY, talk.word("leave.nobody"))
        key = "deputy" + "".join(f"-{one}" for one in refused)
        deputy = talk.ask(key, Pick("leave/deputy", [*options, nobody], count=len(options)))
        if deputy == NOBODY:
            return None
        try:
            deputies.refuse_cycle(talk.session, person_id, deputy)
        except DeputyCycle:
            talk.say("leave/circle", deputy=name_of(talk.session, deputy))
            refused.append(deputy)
        else:
            return int(deputy)


def _colleagues(talk: Talk, person_id: int) -> list[int]:
    """Who may stand in: who is down as the deputy already, then who holds the same role nearby;
    with a chat, and not away themselves."""
    held = posts.posts_of(talk.session, person_id, talk.now)
    known = [post.deputy_id for post in held if post.deputy_id is not None]
    near = posts.colleagues(talk.session, person_id, talk.now)
    return [
        one
        for one in dict.fromkeys([*known, *near])
        if people.reach(talk.session, one, prefer_staff=True) is not None
        and not posts.is_away(talk.session, one, talk.now)
        and not deputies.has_left(talk.session, one, talk.now)
    ][:MOST_COLLEAGUES]


def _go(
    talk: Talk,
    person_id: int,
    first: date,
    last: date,
    deputy: int | None,
    facts: dict[str, Json],
) -> None:
    """Write it down, and tell who is concerned."""
    since = max(talk.now, _midnight(talk, first))
    until = _midnight(talk, last + timedelta(days=1))
    if until <= since:
        talk.say("leave/too_late")
        return
    try:
        deputies.set_deputy(talk.session, person_id, deputy, talk.now)
    except DeputyCycle:  # somebody else's leave made it one meanwhile
        talk.say("leave/circle", deputy=facts["deputy"])
        return
    absences.set_absence(talk.session, person_id, since, until)
    if deputy is not None:
        name = name_of(talk.session, person_id)
        talk.tell(deputy, "leave/deputy_told", staff=True, name=name, first=first, last=last)
    if person_id != talk.person.id:
        subject = f"person:{person_id}"
        audit.note(talk.session, talk.now, talk.person.id, "leave_for", subject)
        talk.tell(person_id, "leave/done", staff=True, **{**facts, "name": ""})
    talk.say("leave/done", **facts)


def _midnight(talk: Talk, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=talk.zone)
