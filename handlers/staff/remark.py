"""What a worker with nothing in hand says that fits nothing: a voice, 送去了 他不在家.

It is hardly ever a matter of their own: of a visit, or for a resident, more likely. It is asked.
"""

from __future__ import annotations

from handlers.permits import is_staff
from handlers.relay import Words
from handlers.staff.visits import own_places
from handlers.talk import Do, Talk
from storage.services import likely


def asked(talk: Talk, words: Words) -> bool:
    """Whether it was asked what the words of a worker are of. Words of a kind there is (灯坏了)
    begin a matter as anybody's do; but for 他家灯坏了."""
    text = words["text"]
    of_others = text.startswith(tuple(talk.words("heard.their_home")))
    if not is_staff(talk) or (likely(text) and not of_others):
        return False
    story = {"story": words}
    visit = [Do("visit_with", story)] if own_places(talk) else []
    own = Do("new", story, talk.word("do.own_matter"))
    options = [*visit, Do("behalf_with", story), own]
    talk.say("staff/remark", text=text, options=options)
    return True
