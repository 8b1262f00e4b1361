"""对工作人员有意见: a complaint about somebody who serves here, past that person and all who report
to them.

(where they live, once) ▶ who ──别的人──▶ a name (▶ which of that name)
                           └──▶ what happened ▶ confirm: who gets it, who never sees it ▶ ticket
"""

from __future__ import annotations

from typing import Any

from handlers.questions import Confirm, Option, Pick, Text
from handlers.registry import conversation
from handlers.relay import point
from handlers.residents.arrival import Arrival, agrees, ask_home_first, settle
from handlers.residents.blame import AROUND, about_whom, tells_a_little, tells_nothing
from handlers.residents.careful import added
from handlers.residents.request import Matter
from handlers.routing import admins_hear, in_words, offer, would_get
from handlers.talk import Talk
from handlers.views import name_of, role_in
from storage import areas, posts, roles, rules, staff_names, tickets
from storage.posts import Role
from storage.rules import Service

SERVICE = "complaint"
OTHER, NONE = "other", "none"
MOST_CHOICES = 8


@conversation("complaint", own=True)
def complain(talk: Talk) -> None:
    """About whom, and what; then a ticket that they and those below them never see."""
    arrival = None
    if talk.person.home_id is None:
        arrival = ask_home_first(talk)
        if arrival is None:
            return
    elif talk.person.consented_at is None and not agrees(talk):
        return
    area_id = arrival.building.id if arrival else talk.person.home_id
    assert area_id is not None  # one of them is known by now
    said = (talk.answered("what") or {}).get("text", "")
    about_id, about = ask_about_whom(talk, area_id, said)
    what = talk.ask("what", Matter("complaint/what"))
    if tells_nothing(talk, what["text"]) and not what["media"]:
        told = talk.ask("told", Matter("complaint/what"))
        what = added(what, told) if tells_a_little(talk, what["text"]) else told
    service = rules.current(talk.session)[SERVICE]
    gets = would_get(talk, service, talk.person.id, area_id, about_id=about_id)
    sure = talk.ask(
        "confirm",
        Confirm(
            "complaint/confirm", yes="file", no="drop", summary=True,
            about=about, known=about_id is not None, what=what, receiver=gets,
        ),
    )  # fmt: skip
    if not sure:
        talk.say("request/dropped")
        return
    if arrival:
        settle(talk, arrival)
    talk.person.consented_at = talk.person.consented_at or talk.now
    _file(talk, service, about_id, about, what, arrival)


def ask_about_whom(talk: Talk, area_id: int, said: str) -> tuple[int | None, str]:
    """The worker, and what to call them; no worker where the name is nobody's that we know.

    said: what was told already; whom it names in full is taken for given, and 修改 may change it.
    """
    around = _around(talk, area_id)
    named = about_whom(talk, said) if said else None
    if named is not None:
        around.setdefault(named, _in_full(talk, named))
    options = [Option(one, label) for one, label in around.items()]
    options.append(Option(OTHER, talk.word("complaint.other")))
    picked = OTHER
    if len(options) > 1:
        picked = talk.ask("who", Pick("complaint/who", options), assume=named)
    if picked != OTHER:
        return int(picked), next(o.label for o in options if o.value == picked)
    name = talk.ask("name", Text("complaint/name", most=60))
    same = [
        one for one in staff_names.meant(talk.session, name, talk.now) if one.id != talk.person.id
    ]
    if not same:
        return None, name
    known = [Option(one.id, _in_full(talk, one.id)) for one in same[:MOST_CHOICES]]
    known.append(Option(NONE, talk.word("complaint.none_of_them")))
    which = talk.ask("which", Pick("complaint/which", known))
    if which == NONE:
        return None, name
    return int(which), next(o.label for o in known if o.value == which)


def _around(talk: Talk, area_id: int) -> dict[int, str]:
    """Who serves the doorstep, and who has worked on what the speaker filed, with their roles."""
    found: dict[int, str] = {}
    for ticket in tickets.of_filer(talk.session, talk.person.id, open_only=False):
        for worker in sorted(tickets.worked_on(talk.session, ticket.id)):
            role = role_in(talk.session, ticket, worker)
            found.setdefault(worker, role + name_of(talk.session, worker))
    for one in posts.serving_all(talk.session, AROUND, area_id, talk.now):
        found.setdefault(one.person_id, in_words(talk, one))
    found.pop(talk.person.id, None)
    return dict(list(found.items())[:MOST_CHOICES])


def _in_full(talk: Talk, person_id: int) -> str:
    """Role and name, with the place where there may be several of that name."""
    post = posts.posts_of(talk.session, person_id, talk.now)[0]
    place = areas.title(talk.session, areas.get(talk.session, post.area_id))
    return f"{place}{roles.label(Role(post.role))}{name_of(talk.session, person_id)}"


def _file(
    talk: Talk,
    service: Service,
    about_id: int | None,
    about: str,
    what: dict[str, Any],
    arrival: Arrival | None,
) -> None:
    area_id = talk.person.home_id or (arrival.building.id if arrival else None)
    assert area_id is not None  # settled before
    ticket = tickets.open_ticket(
        talk.session,
        service=service,
        kind=None,
        text=what["text"],
        media=what["media"],
        place=arrival.place if arrival else "",
        location=point(what),
        filer_id=talk.person.id,
        about_id=about_id,
        area_id=area_id,
        urgent=False,
        now=talk.now,
        detail={"about": about},
    )
    reached = offer(talk, ticket)
    talk.say(
        "complaint/opened",
        ticket=ticket.id,
        number=ticket.id,
        receivers=reached,
        admins=admins_hear(talk, ticket),
    )
