"""What admins say of workers who come and go, and of what is kept of a resident: it is done by the
list or not at all, and they are told so."""

from __future__ import annotations

from handlers.permits import may_somewhere
from handlers.relay import said_as_story, threads
from handlers.talk import Do, Talk
from storage.names import bare

LONGEST = 16
"""Characters of a message that asks for it and tells nothing more."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether an admin speaks of somebody new, or of who has left (新来了一个网格员, 李建国不干了),
    or wants something changed that is kept of a resident (王桂英换号了); then they are told where
    that is written, or that it cannot be done yet."""
    said = bare(text)
    if len(said) > LONGEST or not may_somewhere(talk, "leave_for"):
        return False
    if any(word in said for word in talk.word("people.words").split()):
        template = "admins/people"
    elif _of_a_resident(talk, said) and not threads(talk):
        template = "admins/residents"
    else:
        return False
    talk.say(template, options=[Do("new", {"story": said_as_story(talk)})])
    return True


def _of_a_resident(talk: Talk, said: str) -> bool:
    """王桂英换号了, 删除王桂英的信息, 赵大山家不要再发通知了; 我换号了 is of oneself."""
    some = any(word in said for word in talk.word("people.residents").split())
    erasing = all(word in said for word in talk.word("people.erasing").split())
    return (some or erasing) and not said.startswith(talk.word("people.oneself"))
