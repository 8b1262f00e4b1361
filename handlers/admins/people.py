"""What admins say of workers who come and go: it is done by the list, and they are told so."""

from __future__ import annotations

from handlers.permits import may_somewhere
from handlers.relay import said_as_story
from handlers.talk import Do, Talk
from storage.names import bare

LONGEST = 16
"""Characters of a message that asks for it and tells nothing more."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether an admin speaks of somebody new, or of who has left (新来了一个网格员, 李建国不干了);
    then they are told where that is written."""
    said = bare(text)
    if len(said) > LONGEST or not may_somewhere(talk, "leave_for"):
        return False
    if not any(word in said for word in talk.words("people.words")):
        return False
    talk.say("admins/people", options=[Do("new", {"story": said_as_story(talk)})])
    return True
