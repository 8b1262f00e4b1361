"""谁看过: who looked at a ticket, told to whose matter it is and to an admin (谁看过 12)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from handlers.permits import entitled, is_staff
from handlers.questions import Json, Missed, Option, Reading, Text
from handlers.registry import action, conversation
from handlers.staff.work import PHONE_REASONS
from handlers.talk import Do, Said, Talk
from handlers.views import name_of, one_of_many, role_in, view
from storage import audit, permissions, roles, tickets
from storage.tickets import Ticket

SHOWN = 20
"""The newest looks that one message shows, each person's of one kind together."""
READ = 500
MOST = 6
"""The newest of one's own matters that are offered."""


@dataclass
class Look:
    """One person's looks of one kind. at: the newest; why: the reason given for that one."""

    who: str
    role: str
    how: str
    why: str
    at: datetime
    times: int = 1


def asked_for(talk: Talk, text: str) -> bool:
    """Whether the words ask who looked at a ticket that they name; then it is answered."""
    plain = unicodedata.normalize("NFKC", text).strip()
    verbs = "|".join(re.escape(verb) for verb in talk.words("heard.who_looked"))
    mark = talk.word("heard.number_mark")
    named = re.fullmatch(rf"(?:{verbs})\s*#?(\d{{1,9}})\s*{mark}?[?？]?", plain)
    if named is None:
        return False
    who_looked(talk, int(named[1]))
    return True


class Number(Text):
    """A ticket's number; words without one are none."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        return super().read(said, picked, talk, draft) if _number(said.text) else Missed()


def _number(text: str) -> int:
    digits = re.search(r"\d{1,9}", unicodedata.normalize("NFKC", text))
    return int(digits[0]) if digits else 0


@conversation("who_looked")
def ask_which(talk: Talk) -> None:
    """谁看过 alone: of one's own matters, the only one at once; who works here is asked for the
    number."""
    if is_staff(talk):
        who_looked(talk, _number(talk.ask("number", Number("looks/which", most=20))))
        return
    own = tickets.of_filer(talk.session, talk.person.id, open_only=False, limit=MOST)
    if len(own) == 1:
        who_looked(talk, own[0].id)
        return
    options = [
        Do("who_looked", {"ticket": one.id}, one_of_many(talk, view(talk.session, one, door=False)))
        for one in own
    ]
    talk.say("looks/own", any=bool(own), options=options)


@action("who_looked")
def who_looked(talk: Talk, ticket: int) -> None:
    """Names, times and reasons; nothing of the ticket itself, and that an admin asked is a look."""
    found = entitled(talk, ticket, "who_looked")
    if found is None:
        return
    looks = _looks(talk, found)
    if talk.person.id not in (found.filer_id, found.reporter_id):
        audit.note(talk.session, talk.now, talk.person.id, "who_looked", f"ticket:{ticket}")
    more = len(looks) > SHOWN
    talk.say("looks/list", number=ticket, looks=looks[:SHOWN], more=more)


def _looks(talk: Talk, ticket: Ticket) -> list[Look]:
    own = {ticket.filer_id, ticket.reporter_id}
    found: dict[tuple[int | None, str], Look] = {}
    for line in audit.lines_about(talk.session, f"ticket:{ticket.id}", READ):
        person = audit.who_now(talk.session, line.actor_id)
        if person in own:
            continue
        how = line.action if line.action in audit.LOOKS else "other"
        known = found.get((person, how))
        if known is not None:
            known.times += 1
            continue
        reasoned = how == "phone" and line.reason in PHONE_REASONS
        why = talk.word(f"phone_reason.{line.reason}") if reasoned else ""
        found[person, how] = Look(
            who=name_of(talk.session, person) or talk.word("look.operator"),
            role=_role(talk, ticket, person),
            how=talk.word(f"look.{how}"),
            why=why,
            at=line.at,
        )
    return list(found.values())


def _role(talk: Talk, ticket: Ticket, person: int | None) -> str:
    if person is None:
        return ""
    held = permissions.covering(talk.session, person, ticket, talk.now)
    return role_in(talk.session, ticket, person) or (roles.label(held[0]) if held else "")
