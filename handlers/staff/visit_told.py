"""What is told with a visit: written behind it, taken back, and read before the next one.

走访 3栋302 血压有点高 keeps the words at once (handlers/staff/visits.py); 走访情况 302 shows them
to whose door it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from handlers import relay
from handlers.questions import Json, Missed, Option, Reading, Story
from handlers.registry import action, conversation
from handlers.staff.replying import is_command
from handlers.staff.visits import (
    MOST,
    Door,
    door_label,
    door_options,
    own_places,
    told_by,
)
from handlers.talk import Do, Said, Talk
from handlers.views import name_of
from storage import areas, audit, permissions, roles, visits
from storage.areas import Area
from storage.visit_words import asked_about, doors_in, said_of_a_visit
from storage.visits import Visit

MOST_SHOWN = 5
"""Visits of a door that are shown at once."""
MOST_PHOTOS = 9
EDITED_FOR = timedelta(days=7)
"""For how long an edit of what was told still counts."""
LONGEST = 40
"""Characters of a message that asks for visits; more of them tell something."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether a worker's plain message asks how visits to a door of theirs were (走访情况 302);
    then it is answered, or asked which door."""
    where = asked_about(text) if len(text) <= LONGEST and "\n" not in text else None
    if where is None or not (places := own_places(talk)):
        return False
    homes = doors_in(talk.session, where, places).homes if where else []
    if where and not homes:
        return False
    if len(homes) == 1:
        _show(talk, homes[0])
    else:
        talk.begin("visits_of", said=where)
    return True


@conversation("visits_of")
def visits_of(talk: Talk) -> None:
    """Which door it is about."""
    places = own_places(talk)
    if not places:
        talk.refuse("desk/not_allowed")
        return
    said = talk.args.get("said", "")
    homes = doors_in(talk.session, said, places).homes[:MOST] if said else []
    options = door_options(talk, homes)
    question = Door("visit/which_told", options, places, said=said, several=len(homes))
    for home in talk.ask("door", question).homes:
        _show(talk, home)


@action("visits_told")
def visits_told(talk: Talk, area: int) -> None:
    """以前的走访 of a door."""
    try:
        _show(talk, areas.get(talk.session, area))
    except areas.UnknownArea:
        talk.refuse("desk/not_allowed")


def _show(talk: Talk, home: Area) -> None:
    """The newest visits with what was told, written down as a look."""
    if not permissions.allows_in(
        talk.session, "visits_told", talk.person.id, home.id, talk.now
    ):  # fmt: skip
        talk.refuse("desk/not_allowed")
        return
    audit.note(talk.session, talk.now, talk.person.id, "visits_told", f"area:{home.id}")
    shown = visits.latest(talk.session, home.id, MOST_SHOWN)
    told = [one.told or {"text": "", "media": []} for one in shown]
    lines = [
        {
            "at": one.at,
            "who": roles.label(one.role) + name_of(talk.session, one.person_id),
            "text": what["text"],
            "photos": len(what["media"]),
        }
        for one, what in zip(shown, told, strict=True)
    ]
    media = [photo for what in told for photo in what["media"]][:MOST_PHOTOS]
    talk.say("visit/told", door=door_label(talk, home), lines=lines, media=media)


@action("tell_visit")
def tell_visit(talk: Talk, made: list[int]) -> None:
    """记一句情况: asks how it was."""
    if _own(talk, made):
        talk.begin("visit_words", made=made)
    else:
        talk.say("visit/gone")


class Told(Story):
    """How it was at a door; what tells of another visit, or is a command, is none."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        alone = said.text and not (said.media or said.location)
        if alone and is_command(talk, said.text.strip()):
            return Missed()
        return super().read(said, picked, talk, draft)


@conversation("visit_words", verbatim=True)
def visit_words(talk: Talk) -> None:
    """One question; the answer is kept with the visit."""
    found = _own(talk, talk.args["made"])
    if not found:
        talk.say("visit/gone")
        return
    doors = _doors(talk, found)
    story = talk.ask("words", Told("visit/words", doors=doors))
    for visit in found:
        message = told_by(talk, story)
        visits.tell(talk.session, visit, story["text"], story["media"], message)
    talk.say("visit/kept", doors=doors)


@action("drop_visit")
def drop_visit(talk: Talk, made: list[int]) -> None:
    """记错了: a visit of one's own is taken back, with what was told."""
    found = _own(talk, made)
    if not found:
        talk.say("visit/gone")
        return
    doors = _doors(talk, found)
    for visit in found:
        visits.take_back(talk.session, visit)
    talk.say("visit/dropped", doors=doors)


def edited(talk: Talk) -> bool:
    """Whether an edited message told of a visit; what was told is then told in its new words. Of
    another door than it was the visit is to be taken back first."""
    words = relay.said_as_story(talk)
    message, since = told_by(talk, words), talk.now - EDITED_FOR
    found = visits.told_in(talk.session, talk.person.id, message, since) if message else []
    for visit in found:
        said = said_of_a_visit(words["text"])
        doors = doors_in(talk.session, said.where, own_places(talk)) if said else None
        home = areas.get(talk.session, visit.household_id)
        if doors is not None and home.id not in [one.id for one in doors.homes]:
            drop = Do("drop_visit", {"made": [visit.id]})
            talk.say("visit/edited_door", door=door_label(talk, home), options=[drop])
            continue
        text = doors.rest if doors is not None else words["text"]
        visits.retell(talk.session, visit, message, text)
        talk.say("visit/edited", door=door_label(talk, home), text=text)
    return bool(found)


def _own(talk: Talk, numbers: Sequence[int]) -> list[Visit]:
    """Of these visits, those that the speaker made and that still stand."""
    found = (visits.get(talk.session, one) for one in numbers)
    return [one for one in found if one is not None and one.person_id == talk.person.id]


def _doors(talk: Talk, found: Sequence[Visit]) -> list[str]:
    return [door_label(talk, areas.get(talk.session, one.household_id)) for one in found]
