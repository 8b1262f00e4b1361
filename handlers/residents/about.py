"""What people ask of the service itself, answered plainly: who it is, what is kept, how to stop."""

from __future__ import annotations

from handlers.permits import is_staff
from handlers.registry import HANDLERS
from handlers.relay import said_as_story, threads, waits_for_speaker
from handlers.residents.own_data import DOES
from handlers.residents.services import HUMAN, REQUEST
from handlers.residents.targets import way_to
from handlers.talk import Do, Talk
from storage import erasing
from storage.meaning.about import asks_about

OF_US_ALONE = {"forget", "kept", "notices", "resume_notices"}
"""What no worker can be meant with, even where one spoke last."""
NOT_WORKERS = {"notices", "resume_notices", "no_notices", "phone", "council", "others"}
"""What a worker who says it means otherwise."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether the words asked about the service, and were answered."""
    named = (
        text.replace(talk.person.name, talk.word("people.oneself")) if talk.person.name else text
    )
    about = asks_about(named)
    if not about or (about in NOT_WORKERS and is_staff(talk)):
        return False
    waits = any(waits_for_speaker(talk, one) for one in threads(talk))
    taken_back = about == "keep" and erasing.asked(talk.session, talk.person.id) is not None
    if waits and not taken_back and about not in OF_US_ALONE:
        return False  # it is asked of who spoke last
    if about in DOES:
        talk.begin(DOES[about], words=text)
        return True
    options: list[Do] = []
    if about == "others":
        options = [way_to(talk, HUMAN, said_as_story(talk))]
    elif about == "council":
        options = [way_to(talk, one, said_as_story(talk)) for one in ("who", REQUEST)]
    talk.say(f"about/{about}", options=options)
    if not options:
        HANDLERS.commands["menu"](talk)
    return True
