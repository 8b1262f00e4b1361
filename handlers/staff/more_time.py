"""延期: a worker asks for more time with a reason; who stands above agrees with one tap, or not.

The limit is nobody's to move by themselves. What was late before stays late in the figures, and
each matter that was given more time is counted there (延期率).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from handlers import course, relay
from handlers.permits import entitled
from handlers.questions import Answered, Json, Missed, Option, Prompt, Question, Reading, Text
from handlers.registry import action, conversation
from handlers.routing import admins_for, can_be_reached, has_a_chat, in_words, next_rung
from handlers.staff.cards import refresh_cards
from handlers.staff.spans import today
from handlers.staff.work import say_who_has_it
from handlers.talk import Do, Said, Talk
from handlers.views import kind_label, name_of
from storage import permissions, rules, tickets, work_words
from storage.dates import day_in, days_in
from storage.tickets import Status, Ticket, TicketChanged, TicketEvent

ASKED, GRANTED, REFUSED = "extension_asked", "extended", "extension_refused"
LONGEST = timedelta(days=60)
"""How far away a day may be."""
READY = (1, 3, 7)
"""Days behind the present one that can be picked."""


def may_ask(talk: Talk, ticket: Ticket) -> bool:
    """Whether more time can be asked for: its clock runs, and who would agree may read of it."""
    return (
        ticket.status == Status.CLAIMED
        and ticket.owner_id == talk.person.id
        and ticket.clock_since is not None
        and ticket.privacy == rules.OPEN
    )


class Until(Question[date]):
    """A day of work behind the present one, picked or in plain words: 三天后, 周五. Of a holiday
    the next day of work is meant."""

    def __init__(self, name: str, /, ticket: Ticket, last: date, **facts: Any) -> None:
        super().__init__(name, **facts)
        self._ticket = ticket
        self._last = last

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        days = [self._of_work(talk, one) for one in READY]
        labels = talk.word("later.days").split()
        options = [
            Option(day.isoformat(), f"{label} {_in_words(talk, day)}")
            for day, label in zip(days, labels, strict=True)
        ]
        return Prompt(facts=self.facts, options=options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        day = date.fromisoformat(picked.value) if picked else self.meant(said.text, talk)
        return Missed() if day is None else Answered(day.isoformat())

    def meant(self, text: str, talk: Talk) -> date | None:
        """The day a text names that is behind the present one; 三天 are counted from that."""
        present = today(talk)
        day, days = day_in(text, present), days_in(text)
        if day is None and days:
            day = self._from(talk) + timedelta(days=days)
        if day is None or not self._from(talk) < day <= present + LONGEST:
            return None
        return self._of_work(talk, (day - self._from(talk)).days)

    def _from(self, talk: Talk) -> date:
        return max(self._last, today(talk))

    def _of_work(self, talk: Talk, days: int) -> date:
        """So many days on, or the next day of work."""
        day = self._from(talk) + timedelta(days=days)
        for _ in range(LONGEST.days):
            before = course.until_the_end_of(talk, self._ticket, day - timedelta(days=1))
            if course.until_the_end_of(talk, self._ticket, day) > before:
                break
            day += timedelta(days=1)
        return day

    def value(self, stored: Json, talk: Talk) -> date:
        return date.fromisoformat(stored)

    def words(self, stored: Json, talk: Talk) -> str:
        return _in_words(talk, date.fromisoformat(stored))


def _in_words(talk: Talk, day: date) -> str:
    weekday = talk.word("mediation.weekdays").split()[day.weekday()]
    return talk.word("later.day").format(month=day.month, day=day.day, weekday=weekday)


@action("later")
def later(talk: Talk, ticket: int, story: relay.Words) -> None:
    """延期: a limit is not the worker's to move: who stands above may, and there are other ways."""
    found = entitled(talk, ticket, "later")
    if found is None:
        return
    at = {"ticket": ticket, "version": found.version}
    ways = [Do("reply", at, talk.word("later.reply"))]
    if found.status == Status.CLAIMED and found.clock_since is not None:
        ways.append(Do("wait", {"ticket": ticket}, talk.word("later.wait")))
    ways.append(Do("escalate", at, talk.word("later.escalate")))
    if may_ask(talk, found):
        asks = {"ticket": ticket, "said": story["text"]}
        ways.append(Do("more_time", asks, talk.word("later.more_time")))
    due = course.due_at(talk, found)
    talk.say("staff/later", ticket=ticket, number=ticket, due=due, options=ways)


@action("more_time")
def more_time(talk: Talk, ticket: int, said: str = "") -> None:
    """申请延期. said: the words that asked for it, which may name the day."""
    found = entitled(talk, ticket, "more_time")
    if found is None:
        return
    if not may_ask(talk, found):
        say_who_has_it(talk, found)
        return
    waiting = _waiting(talk, found)
    if waiting is not None:
        until = _in_words(talk, date.fromisoformat(waiting.detail["until"]))
        talk.say("staff/more_time_waits", ticket=ticket, number=ticket, until=until)
        return
    day = _until(talk, found).meant(work_words.without_number(said), talk)
    named = {"until": day.isoformat()} if day else None
    talk.begin("more_time", ticket=ticket, answers=named)


def _until(talk: Talk, ticket: Ticket) -> Until:
    due = course.due_at(talk, ticket)
    assert due is not None  # its clock runs
    last = due.astimezone(talk.zone).date()
    return Until("staff/more_time_until", ticket, last, number=ticket.id, due=due)


@conversation("more_time", verbatim=True)
def ask_for_it(talk: Talk) -> None:
    """Until when, and why; then who stands above is asked."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "more_time")
    if ticket is None:
        return
    if not may_ask(talk, ticket):
        say_who_has_it(talk, ticket)
        return
    day = talk.ask("until", _until(talk, ticket))
    why = talk.ask("why", Text("staff/more_time_why", most=200, number=number))
    above = _who_decides(talk, ticket)
    if not above:
        talk.say("staff/more_time_nobody", ticket=number, number=number)
        return
    event = tickets.record(
        talk.session, ticket, ASKED, talk.person.id, talk.now, text=why,
        detail={"until": day.isoformat()},
    )  # fmt: skip
    args = {"ticket": number, "event": event.id}
    for officer, _ in above:
        talk.tell(
            officer, "staff/more_time_wanted", staff=True, ticket=number,
            options=[Do("grant_more_time", args), Do("refuse_more_time", args)],
            **_facts(talk, ticket, event),
        )  # fmt: skip
    due = course.due_at(talk, ticket)
    asked = [words for _, words in above]
    talk.say("staff/more_time_asked", ticket=number, number=number, asked=asked, due=due)


def _who_decides(talk: Talk, ticket: Ticket) -> list[tuple[int, str]]:
    """Who may agree and can be written to: the next above, otherwise the admins; with their
    words."""
    one = next_rung(talk, ticket, aloud=False)
    if one is not None and can_be_reached(talk, one) and _may(talk, ticket, one.person_id):
        return [(one.person_id, in_words(talk, one))]
    return [
        (admin, name_of(talk.session, admin))
        for admin in admins_for(talk, ticket)
        if has_a_chat(talk, admin) and _may(talk, ticket, admin)
    ]


def _may(talk: Talk, ticket: Ticket, person_id: int) -> bool:
    if person_id == ticket.owner_id:
        return False
    return permissions.allows(talk.session, "grant_more_time", person_id, ticket, talk.now)


def _facts(talk: Talk, ticket: Ticket, event: TicketEvent) -> dict[str, Any]:
    return {
        "number": ticket.id,
        "kind": kind_label(ticket),
        "owner": name_of(talk.session, ticket.owner_id),
        "until": _in_words(talk, date.fromisoformat(event.detail["until"])),
        "why": event.text,
        "due": course.due_at(talk, ticket),
    }


def _waiting(talk: Talk, ticket: Ticket) -> TicketEvent | None:
    """What was asked for and is not decided; it ends when the ticket goes to somebody else."""
    last = tickets.last_event(talk.session, ticket.id, (ASKED, GRANTED, REFUSED))
    asked = last is not None and last.kind == ASKED and last.actor_id == ticket.owner_id
    return last if asked and ticket.status == Status.CLAIMED and ticket.clock_since else None


def _to_decide(
    talk: Talk, number: int, event: int, doing: str
) -> tuple[Ticket, TicketEvent] | None:
    """The ticket and what was asked, if it is still to be decided, and by the speaker."""
    ticket = entitled(talk, number, doing)
    if ticket is None:
        return None
    waiting = _waiting(talk, ticket)
    if waiting is None or waiting.id != event or ticket.owner_id == talk.person.id:
        talk.say("staff/more_time_over", ticket=number, number=number)
        return None
    return ticket, waiting


@action("grant_more_time")
def grant(talk: Talk, ticket: int, event: int) -> None:
    """同意延期: the limit moves, the worker and the resident are told the day."""
    found = _to_decide(talk, ticket, event, "grant_more_time")
    if found is None:
        return
    one, asked = found
    facts = _facts(talk, one, asked)
    try:
        course.extend(talk, one, date.fromisoformat(asked.detail["until"]))
    except TicketChanged:
        talk.say("staff/more_time_over", ticket=ticket, number=ticket)
        return
    tickets.record(
        talk.session, one, GRANTED, talk.person.id, talk.now,
        text=talk.word("later.until").format(**facts), detail={"until": asked.detail["until"]},
    )  # fmt: skip
    refresh_cards(talk, one)
    facts["due"] = course.due_at(talk, one)
    _tell_owner(talk, one, "staff/more_time_granted", facts)
    relay.tell_filer(
        talk, one, "resident/extended", options=[Do("nudge", {"ticket": ticket})],
        owner=facts["owner"], until=facts["until"], why=facts["why"],
    )  # fmt: skip
    talk.say("staff/more_time_done", ticket=ticket, granted=True, **facts)


@action("refuse_more_time")
def refuse(talk: Talk, ticket: int, event: int) -> None:
    """不同意: the limit stays, and the worker is told."""
    found = _to_decide(talk, ticket, event, "refuse_more_time")
    if found is None:
        return
    one, asked = found
    tickets.record(talk.session, one, REFUSED, talk.person.id, talk.now)
    facts = _facts(talk, one, asked)
    _tell_owner(talk, one, "staff/more_time_refused", facts)
    talk.say("staff/more_time_done", ticket=ticket, granted=False, **facts)


def _tell_owner(talk: Talk, ticket: Ticket, name: str, facts: dict[str, Any]) -> None:
    assert ticket.owner_id is not None  # who asked
    who = talk.person.name
    talk.tell(ticket.owner_id, name, staff=True, ticket=ticket.id, who=who, **facts)
