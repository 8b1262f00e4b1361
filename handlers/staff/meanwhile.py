"""What happened to somebody's matters while they were away."""

from __future__ import annotations

from datetime import datetime

from handlers.talk import Do, Talk
from handlers.views import kind_label, name_of
from storage import tasks, tickets

MOST_LINES = 10


def say_meanwhile(talk: Talk, since: datetime) -> None:
    """What others did since then to the speaker's matters, one line each."""
    events = tasks.since(talk.session, talk.person.id, since)
    lines = []
    for event in events[:MOST_LINES]:
        ticket = tickets.get(talk.session, event.ticket_id)
        assert ticket is not None
        lines.append(
            {
                "number": ticket.id,
                "kind": kind_label(ticket),
                "who": name_of(talk.session, event.actor_id),
                "what": event.kind,
                "to": event.detail.get("unit") or name_of(talk.session, event.detail.get("to")),
                "status": ticket.status,
            }
        )
    talk.say(
        "staff/meanwhile",
        since=since,
        lines=lines,
        more=len(events) - len(lines),
        options=[Do("tasks")],
    )
