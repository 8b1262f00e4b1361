"""A ticket from its first word to now, as the workers' side sees it; and a card's 更多."""

from __future__ import annotations

from typing import Any

from handlers.permits import entitled
from handlers.registry import action
from handlers.staff.passing import may_whistle
from handlers.talk import Do, Talk
from handlers.views import name_of, remarks, role_in, view
from storage import audit, joining, tickets
from storage.tickets import Status, TicketEvent


@action("story")
def story(talk: Talk, ticket: int) -> None:
    """经过: everything that happened, notes and passings-on with their reasons too."""
    found = entitled(talk, ticket, "story")
    if found is None:
        return
    audit.note(talk.session, talk.now, talk.person.id, "story", f"ticket:{ticket}")
    events = _with_joined(talk, ticket)
    said = remarks(talk.session, ticket)
    timeline: list[dict[str, Any]] = [
        {
            "at": event.at,
            "kind": event.kind,
            "who": name_of(talk.session, event.actor_id),
            "role": role_in(talk.session, found, event.actor_id),
            "text": event.text or said.get(event.detail.get("rating", 0), ""),
            "photos": len(event.media),
            "to": event.detail.get("unit") or name_of(talk.session, event.detail.get("to")),
            "level": event.detail.get("level", ""),
            "score": event.detail.get("score", ""),
            "why": event.detail.get("why", ""),
        }
        for event in events
    ]
    media = [one for event in events for one in event.media]
    talk.say(
        "staff/story",
        ticket=ticket,
        t=view(talk.session, found, door=False),
        timeline=timeline,
        media=media,
    )


def _with_joined(talk: Talk, number: int) -> list[TicketEvent]:
    """Everything that happened to it, and what those who joined it said, in order."""
    found = tickets.events(talk.session, number)
    for one in tickets.joined(talk.session, number):
        found += [
            event
            for event in tickets.events(talk.session, one.id)
            if event.kind in ("opened", "supplemented", "separated")
        ]
    return sorted(found, key=lambda event: event.id)


@action("more")
def more(talk: Talk, ticket: int) -> None:
    """更多: what a card has no room for."""
    found = entitled(talk, ticket, "more")
    if found is None:
        return
    at = {"ticket": ticket, "version": found.version}
    choices = [Do("story", {"ticket": ticket})]
    if found.owner_id == talk.person.id and joining.carried(talk.session, ticket):
        choices.append(Do("split", {"ticket": ticket}))
    if found.status == Status.WAITING:
        choices.insert(0, Do("note", {"ticket": ticket}))
    if found.status == Status.CLAIMED and found.owner_id == talk.person.id:
        choices = [Do("return", at), Do("wait", {"ticket": ticket}), *choices]
        if may_whistle(talk, found):
            choices.insert(0, Do("whistle", {"ticket": ticket}))
    talk.say("staff/more", ticket=ticket, number=ticket, options=choices)
