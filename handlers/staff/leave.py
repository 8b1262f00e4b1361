"""请假: from when until when, who stands in, and what is open goes to them.

(an admin: whose) ▶ from ▶ until ▶ who stands in ──leads in a circle──▶ again ▶ confirm
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

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
from handlers.staff.leave_days import (
    Day,
    Moment,
    begins_at,
    ends_at,
    is_part_of_a_day,
    told,
    told_of,
)
from handlers.talk import Said, Talk
from handlers.views import name_of
from storage import absences, areas, audit, deputies, limbo, people, permissions, posts, roles
from storage.deputies import DeputyCycle
from storage.leave_words import leave_in, names_a_deputy
from storage.posts import Post
from storage.times import span

MOST_COLLEAGUES = 7
NOBODY = 0
"""The answer to who stands in that leaves it to the next rung."""


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
    """Whether a worker's plain message asks for leave (请假三天, 后天到周五休息, 明天下午请假, 再请
    两天); then it is begun with what it says. Less than a day of today is 临时离岗."""
    said = leave_in(text, talk.now.astimezone(talk.zone).date())
    if said is None or not is_staff(talk):
        return False
    length = span(said.hours) if said.hours else None
    if length is not None:
        minutes = {"minutes": length // timedelta(minutes=1)}
        talk.begin("away", answers={"long": minutes})
    else:
        whose = _spoken_of(talk, text)
        first = said.first or (_day_after_leave(talk, whose) if said.more else None)
        known: dict[str, Any] = {"days": said.days, "half": said.half, "whose": whose}
        known["deputy"] = _deputy_spoken_of(talk, text, whose or talk.person.id)
        if first is not None:
            known["first"] = Moment(first, said.part).stored()
        if said.last is not None and not said.half:
            known["last"] = Moment(said.last, said.last_part).stored()
        talk.begin("ask_for_leave", **known)
    return True


def _spoken_of(talk: Talk, text: str) -> int | None:
    """Whose leave an admin speaks of by name (李建国请假三天), where it is one worker alone."""
    if not may_somewhere(talk, "leave_for"):
        return None
    found = [
        post for post in posts.named_in(talk.session, text, talk.now)
        if permissions.allows_in(
            talk.session, "leave_for", talk.person.id, post.area_id, talk.now
        )
    ]  # fmt: skip
    if not names_a_deputy(text):
        return found[0].person_id if len(found) == 1 else None
    found.sort(key=lambda post: text.find(name_of(talk.session, post.person_id)))
    return found[0].person_id if len(found) == 2 else None


def _deputy_spoken_of(talk: Talk, text: str, person_id: int) -> int | None:
    """Who is to stand in, where it is said of one worker alone (吴芳替我)."""
    if not names_a_deputy(text):
        return None
    found = {post.person_id for post in posts.named_in(talk.session, text, talk.now)} - {person_id}
    meant = [one for one in found if people.reach(talk.session, one, prefer_staff=True)]
    return meant[0] if len(meant) == 1 else None


def _day_after_leave(talk: Talk, whose: int | None) -> date | None:
    """The first day that the last leave of that person (None: the speaker) leaves free; None where
    they have none."""
    held = absences.coming(talk.session, whose or talk.person.id, talk.now)
    return held[-1].until.astimezone(talk.zone).date() if held else None


@conversation("ask_for_leave")
def ask_for_leave(talk: Talk) -> None:
    """From when, until when, who stands in; what is open is handed on when it begins. What was
    said of it at once (`asked_for`) is taken for given."""
    person_id = whose(talk, "leave/whose")
    today = talk.now.astimezone(talk.zone).date()
    held = [told_of(talk, one) for one in absences.coming(talk.session, person_id, talk.now)]
    own = person_id == talk.person.id
    begins = Day("leave/from", today, labels=("leave.today", "leave.tomorrow"), held=held, own=own)
    first = talk.ask("from", begins, assume=talk.args.get("first"))
    half = bool(talk.args.get("half"))
    days = ("leave.one_day", "leave.two_days")
    ends = Day("leave/until", first.day, labels=days, counts=True, half=half)
    last = talk.ask("until", ends, assume=_last_said(talk, first))
    if first.day == last.day and last.part and not first.part:
        first = last
    since, until, short = begins_at(talk, first), ends_at(talk, last), is_part_of_a_day(first, last)
    until = max(until, since + timedelta(microseconds=1))
    deputy = _who_stands_in(talk, person_id, since, until, one_day=first.day == last.day)
    facts: dict[str, Any] = {
        **told(talk, since, until),
        "name": "" if own else name_of(talk.session, person_id),
        "deputy": name_of(talk.session, deputy),
    }
    facts["also"] = _also(talk, person_id, deputy, since, until)
    number = 0 if short else limbo.count_unfinished(talk.session, person_id)
    sure = Confirm("leave/confirm", yes="leave", no="stay", summary=True, tickets=number, **facts)
    if not talk.ask("sure", sure):
        talk.say("leave/dropped")
        return
    _go(talk, person_id, Away(since, ends_at(talk, last), short), deputy, facts)


def _also(
    talk: Talk, person_id: int, deputy: int | None, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """The leaves that this one becomes one with, where somebody else was to stand in."""
    return [
        told_of(talk, one)
        for one in absences.touching(talk.session, person_id, since, until, deputy)
        if deputies.of_absence(talk.session, one) != {deputy} - {None}
    ]


def _last_said(talk: Talk, first: Moment) -> str | None:
    """The last day as it was said at once, by its date or by how many days; the same day where only
    a part of it was said; None for none of it."""
    days = talk.args.get("days")
    if days is not None:
        return (first.day + timedelta(days=days - 1)).isoformat()
    last: str | None = talk.args.get("last")
    return last or (first.stored() if first.part else None)


def whose(talk: Talk, name: str) -> int:
    """The speaker, or whoever an admin does it for."""
    if not may_somewhere(talk, "leave_for"):
        return talk.person.id
    oneself = Option(talk.person.id, talk.word("leave.oneself"))
    known = talk.args.get("whose")
    return talk.ask("whose", Worker(name, "leave_for", (oneself,)), assume=known)


def _who_stands_in(
    talk: Talk, person_id: int, since: datetime, until: datetime, *, one_day: bool
) -> int | None:
    """A colleague who is there, or whose own deputies do not lead back to who goes; None: the next
    rung."""
    refused: list[int] = []
    colleagues = _colleagues(talk, person_id, since)
    named = talk.args.get("deputy")
    if named is not None and named not in colleagues:
        colleagues.insert(0, named)
    while True:
        left = [one for one in colleagues if one not in refused]
        options = [Option(one, name_of(talk.session, one)) for one in left]
        nobody = Option(NOBODY, talk.word("leave.nobody"))
        key = "deputy" + "".join(f"-{one}" for one in refused)
        count = len(options)
        own = person_id == talk.person.id
        question = Pick("leave/deputy", [*options, nobody], count=count, one_day=one_day, own=own)
        deputy = talk.ask(key, question, assume=None if refused else named)
        if deputy == NOBODY:
            return None
        try:
            deputies.refuse_circle(talk.session, person_id, deputy, since, until)
        except DeputyCycle:
            talk.say("leave/circle", deputy=name_of(talk.session, deputy))
            refused.append(deputy)
        else:
            return int(deputy)


def _colleagues(talk: Talk, person_id: int, since: datetime) -> list[int]:
    """Who may stand in: who did last and who is the deputy of a post, then who holds the same role
    nearby; with a chat, and not away themselves when it begins."""
    held = posts.posts_of(talk.session, person_id, talk.now)
    last = absences.last_deputy(talk.session, person_id)
    known = [one for one in (last, *(post.deputy_id for post in held)) if one is not None]
    near = posts.colleagues(talk.session, person_id, talk.now)
    return [
        one
        for one in dict.fromkeys([*known, *near])
        if people.reach(talk.session, one, prefer_staff=True) is not None
        and not posts.is_away(talk.session, one, since)
        and not deputies.has_left(talk.session, one, talk.now)
    ][:MOST_COLLEAGUES]


class Away(NamedTuple):
    """From when until when; short: only a part of a day."""

    since: datetime
    until: datetime
    short: bool


def _go(talk: Talk, person_id: int, away: Away, deputy: int | None, facts: dict[str, Any]) -> None:
    """Write it down, and tell who is concerned."""
    if away.until <= away.since:
        talk.say("leave/too_late")
        return
    span = (away.since, away.until)
    try:
        if deputy is not None:
            deputies.refuse_circle(talk.session, person_id, deputy, *span)
    except DeputyCycle:  # somebody else's leave made it one meanwhile
        talk.say("leave/circle", deputy=facts["deputy"])
        return
    joined = absences.touching(talk.session, person_id, *span, deputy)
    before = {who for one in joined for who in deputies.of_absence(talk.session, one)}
    leave = absences.add_leave(talk.session, person_id, *span, deputy, short=away.short)
    facts = {**facts, **told_of(talk, leave)}
    spoken = {**facts, "name": name_of(talk.session, person_id)}
    for one in before - {deputy, talk.person.id}:
        talk.tell(one, "leave/deputy_other", staff=True, **spoken)
    if deputy is not None:
        talk.tell(deputy, "leave/deputy_told", staff=True, **spoken)
    if person_id != talk.person.id:
        subject = f"person:{person_id}"
        audit.note(talk.session, talk.now, talk.person.id, "leave_for", subject)
        talk.tell(person_id, "leave/done", staff=True, **{**facts, "name": ""})
    talk.say("leave/done", **facts)
