"""What the careful talks (轻生 `crisis.py`, 家暴 `violence.py`) share: what begins them, a question
that understands whatever is said, filing without a form, staying with who waits for help.

Why each line is as it is: docs/how-to/crisis-scripts.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from handlers import relay, routing
from handlers.daytime import by_day
from handlers.matching import number_in
from handlers.permits import is_staff
from handlers.questions import Answered, Json, Option, Prompt, Question, Reading, Story
from handlers.registry import HANDLERS, action, conversation, duty, signs
from handlers.relay import Words, origin, point
from handlers.talk import Desk, Do, Said, Talk
from storage import appointments, areas, crisis, rules, tickets
from storage.names import simplify
from storage.posts import Role
from storage.texts import joined
from storage.tickets import OPEN, Ticket

ALWAYS = ("leave", "human")
"""What may be meant under any of these questions, though no button says it."""
SHORT, NOT_LONG = 12, 40
"""Characters up to which words that hold an answer are taken for it; and for a no."""
REFUSES = frozenset({"no_call", "do_not_ask", "not_yet", "later"})
"""The options that are a no: whatever says no in any words means them."""
MARKS = re.compile(r"[\s\W_]+")
A_DAY = timedelta(days=1)
CARE, CARE_QUIETLY = "care", "care_quiet"
"""Appointments: a word on the day after, asked for; the second says nothing of what it is about."""
SCRIPT_OF = {CARE: "crisis", CARE_QUIETLY: "violence"}
TALK_OF = {crisis.SUICIDE: "crisis", crisis.VIOLENCE: "violence"}


Answer = dict[str, Any]
"""{"pick": a key of ``[careful]``, or empty, "story": what was said otherwise, "text": the words,
where no button was pressed}."""


class Gentle(Question[Answer]):
    """A question to somebody in distress: one of `options` (keys of ``[careful]`` in words.toml) or
    any words at all, which are kept and never called wrong.

    block: which words of the template put it.
    """

    leaves = False

    def __init__(self, name: str, options: Sequence[str], /, *, block: str = "ask", **facts: Any):
        super().__init__(name, **facts)
        self._options = options
        self._block = block

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        options = [Option(key, talk.word(f"careful.{key}.label")) for key in self._options]
        return Prompt(self._block, self.facts, options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        found = str(picked.value) if picked else self._meant(said.text, talk)
        story = Story.empty() if found else Story("").add(None, said)
        return Answered({"pick": found, "story": story, "text": "" if picked else said.text})

    def _meant(self, text: str, talk: Talk) -> str:
        plain = simplify(text).strip(" 。.!！~,，?？")
        for key in ALWAYS:
            if plain in talk.words(f"careful.{key}.exact"):
                return key
        number = number_in(text)
        if number is not None:
            return self._options[number - 1] if 1 <= number <= len(self._options) else ""
        return self._whole(plain, talk) or self._held(plain, talk)

    def _whole(self, plain: str, talk: Talk) -> str:
        """The option that the whole message names, with or without particles (好嘛, 要得哈)."""
        bare = "".join(MARKS.split(plain))
        said = {bare, bare.rstrip("".join(talk.words("careful.particles")))}
        for key in self._options:
            label = "".join(MARKS.split(simplify(self._label(key, talk))))
            if not said.isdisjoint([label, *talk.words(f"careful.{key}.exact")]):
                return key
        return ""

    def _held(self, plain: str, talk: Talk) -> str:
        """The option that words say among others: a no above all, and never a yes to somebody's
        being told (words.toml)."""
        for key in self._options:
            if key in REFUSES and _refuses(plain, talk):
                return key
        if len(plain) > SHORT:
            return ""
        # What says no or tells of danger stands in words.toml with the key `first`.
        ordered = sorted(self._options, key=lambda key: talk.word(f"careful.{key}.first") == "")
        for key in ordered:
            if any(word in plain for word in talk.words(f"careful.{key}.said")):
                return key
        return ""

    @staticmethod
    def _label(key: str, talk: Talk) -> str:
        return talk.word(f"careful.{key}.label")

    def words(self, stored: Json, talk: Talk) -> str:
        pick = stored["pick"]
        return talk.word(f"careful.{pick}.label") if pick else str(stored["story"]["text"])


def _refuses(plain: str, talk: Talk) -> bool:
    """Whether words of no more than a sentence say no; 不想活 and the like are no answer."""
    if len(plain) > NOT_LONG:
        return False
    for word in talk.words("careful.not_refusals"):
        plain = plain.replace(word, " ")
    return any(word in plain for word in talk.words("careful.refusals"))


def gently(talk: Talk, key: str, question: Gentle, script: str) -> Answer | None:
    """Put the question; None when they were done with it, and have been answered.

    Out of it at once (取消, 菜单): after violence the last thing on the screen is the menu. 转人工:
    the pick is "human", which each talk understands in its own way.
    """
    answer = talk.ask(key, question)
    if answer["pick"] != "leave":
        return answer
    if script == "violence":
        HANDLERS.commands["menu"](talk)
    else:
        talk.say("crisis/bye", agreed=False)
    return None


@signs
def begin_when_told(talk: Talk) -> bool:
    """Begin the talk that somebody's words call for; False when they call for none.

    A worker writes about others all day: of them only what they say outside any talk counts, and
    only of themselves.
    """
    found = crisis.signs_in(talk.said.text)
    if found is None:
        return False
    busy = bool(talk.under_way) or talk.said.ticket is not None
    if (busy or found.other) and is_staff(talk):
        return False
    told = relay.said_as_story(talk)
    if talk.said.ticket is not None:
        relay.to_ticket(talk, talk.said.ticket, told)  # whom they wrote to, is to have it
    talk.begin(TALK_OF[found.script], story=told, other=found.other, now=found.now, whom=found.whom)
    return True


def added(one: Words, other: Words) -> Words:
    """Two stories as one."""
    return {
        "text": joined([one["text"], other["text"]]),
        "media": [*one["media"], *other["media"]],
        "voice": one["voice"] or other["voice"],
        "location": other["location"] or one["location"],
        "from": {**one.get("from", {}), **other.get("from", {})},
    }


def file_quietly(
    talk: Talk, key: str, told: Words, *, first: Sequence[Role], contact: str, urgent: bool
) -> tuple[Ticket | None, list[str]]:
    """File a confidential ticket with what was told, without a form; it, and who has got it.

    Where one of this service is open, the words go there. None where there is no county yet.
    contact: which words of ``[careful_contact]`` tell the worker how to get in touch.
    """
    for known in tickets.of_filer(talk.session, talk.person.id, open_only=True):
        if known.service == key:
            hand_on(talk, known, told)
            return known, []
    county = areas.county(talk.session)
    area_id = talk.person.home_id or talk.place_so_far() or (county.id if county else None)
    if area_id is None:
        return None, []
    how = [talk.word("careful_contact.ask"), talk.word(f"careful_contact.{contact}")]
    ticket = tickets.open_ticket(
        talk.session,
        service=rules.current(talk.session)[key],
        kind=None,
        text=told["text"] or talk.word("careful_contact.no_words"),
        media=told["media"],
        place="",
        location=point(told),
        filer_id=talk.person.id,
        area_id=area_id,
        urgent=urgent,
        now=talk.now,
        detail={"asked": [how]},
        origin=origin(talk, told.get("from", {})),
    )
    return ticket, routing.offer(talk, ticket, first)


def hand_on(talk: Talk, ticket: Ticket, told: Words) -> None:
    """Give whoever has the ticket what was said, without a word to the speaker."""
    if not (told["text"] or told["media"] or told["location"]):
        return
    tickets.record(
        talk.session, ticket, "supplemented", talk.person.id, talk.now, text=told["text"],
        media=told["media"], origin=origin(talk, told.get("from", {})),
        detail={"location": told["location"]} if told["location"] else {},
    )  # fmt: skip
    relay.tell_workers(
        talk, ticket, "staff/supplement", media=told["media"], location=point(told),
        filer=talk.person.name, kind="", text=told["text"],
    )  # fmt: skip


def raise_alarm(talk: Talk, ticket: Ticket, reached: Sequence[str]) -> None:
    """Tell every admin, at any hour, that a life may be in danger and who has it; nothing of what
    was said. They see to it that a person acts."""
    for admin in routing.admins_for(talk, ticket):
        talk.tell(
            admin, "careful/alarm", staff=True, at_once=True, number=ticket.id, who=list(reached),
            options=[Do("assign", {"ticket": ticket.id})],
        )  # fmt: skip


@conversation("careful_with", careful=True)
def stay_with(talk: Talk) -> None:
    """While help is on its way: whatever is said goes to who has the ticket, and is answered.

    args: script (the folder of the words), ticket, n (how often something was said).
    """
    script, number, n = talk.args["script"], talk.args["ticket"], talk.args["n"]
    ticket = tickets.get(talk.session, number)
    options = ["here", "better"] if script == "crisis" and n == 0 else ["better"]
    block = "ask" if n == 0 else f"more{n % 3}"
    question = Gentle(
        f"{script}/with", options, block=block, known=bool(talk.person.home_id),
        other=talk.args.get("other", False),
    )  # fmt: skip
    answer = gently(talk, "words", question, script)
    if answer is None:
        return
    if ticket is None or ticket.status not in OPEN:
        talk.begin(script, story=answer["story"], other=False, now=False, whom="")
        return
    told = answer["story"]
    if answer["pick"] and answer["pick"] != "human":
        label = talk.word(f"careful.{answer['pick']}.label")
        told = {**told, "text": answer["text"] or label}
    hand_on(talk, ticket, told)
    if answer["pick"] == "better":
        talk.say(f"{script}/reachable")
    else:
        talk.begin("careful_with", script=script, ticket=number, n=n + 1)


def ask_tomorrow(talk: Talk, what: str) -> None:
    """They agreed to be asked on the day after, by day."""
    at = by_day(talk.now + A_DAY, talk.zone)
    appointments.enrol(talk.session, talk.person.id, what, at)


def _care(what: str) -> None:
    """The word on the day after: once, and the appointment is over."""

    def due(session: Session, now: Any) -> Sequence[int]:
        return appointments.due(session, what, now)

    @duty(what, due)
    def ask_how_it_is(desk: Desk, person_id: int) -> None:
        appointment = appointments.of(desk.session, person_id, what)
        if appointment is None:
            return
        appointments.drop(desk.session, appointment)
        script = SCRIPT_OF[what]
        options = [
            Do(name, {"script": script}, desk.word(f"{name}.{script}"))
            for name in ("care_good", "care_bad")
        ]
        desk.tell(person_id, f"{script}/day_after", options=options)


for _what in SCRIPT_OF:
    _care(_what)


@action("care_good")
def is_better(talk: Talk, script: str) -> None:
    """The day after: it is better."""
    talk.say(f"{script}/glad")


@action("care_bad")
def is_not_better(talk: Talk, script: str) -> None:
    """The day after: it is not; the talk begins again."""
    talk.begin(script, story=Story.empty(), other=False, now=False, whom="")
