"""What people ask of the service itself, answered plainly: who it is, what is kept, how to stop."""

from __future__ import annotations

from handlers.permits import is_staff
from handlers.registry import HANDLERS
from handlers.relay import said_as_story, threads, waits_for_speaker
from handlers.residents.services import HUMAN, REQUEST
from handlers.residents.targets import way_to
from handlers.talk import Do, Talk
from storage.meaning.about import asks_about

TO_A_PERSON = {"forget", "notices", "phone"}
"""What only a person can do: the words go along to one."""
NOT_WORKERS = {"notices", "phone", "council", "forget"}
"""What a worker who says it means otherwise."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether the words asked about the service, and were answered."""
    about = asks_about(text)
    if not about or (about in NOT_WORKERS and is_staff(talk)):
        return False
    if any(waits_for_speaker(talk, one) for one in threads(talk)):
        return False  # it is asked of who spoke last
    options: list[Do] = []
    if about in TO_A_PERSON:
        options = [way_to(talk, HUMAN, said_as_story(talk))]
    elif about == "council":
        options = [way_to(talk, one, said_as_story(talk)) for one in ("who", REQUEST)]
    talk.say(f"about/{about}", options=options)
    if not options:
        HANDLERS.commands["menu"](talk)
    return True
