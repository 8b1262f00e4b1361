"""法律服务直通车: what it is about, who serves this doorstep, whom to call; then one question.

    what (a button, or the story itself) ▶ officer, lawyer, mediator, hotlines, first advice
        ▶ leave it? ──lawyer, mediator──▶ the filing talk, with what was said
                    ──make an appointment──▶ the booking talk

What is left is confidential: who serves next door cannot see it.
"""

from __future__ import annotations

from typing import Any

from handlers.matching import choose
from handlers.questions import Answered, Json, Option, Pick, Prompt, Question, Reading, Story
from handlers.registry import conversation, opens
from handlers.residents.helpers import OF_THE_LAW, Helper, helpers, hotlines, to_tap
from handlers.residents.sittings import next_sittings
from handlers.talk import Said, Talk
from storage import roles
from storage.legal import OTHER, Topic, topic_of, topics
from storage.posts import Role
from storage.understanding import named

SERVICE = "legal"
ALL = "all"
BOOK, NOT_NOW = "book", "not_now"


@opens(SERVICE)
def legal(talk: Talk, story: dict[str, Any] | None) -> None:
    """Begin it; story: what led here, if it was said in words that tell more than that."""
    bare = story is not None and named(story["text"]) and topic_of(story["text"]) is None
    talk.begin("legal", story=None if bare else story)


class Matter(Question[dict[str, Json]]):
    """What it is about: a topic's button or number, or the story in the resident's own words.

    The answer is {"topic": a key, or empty, "story": what was told, or None}.
    """

    takes_files = True

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        offered = [Option(key, one.label) for key, one in topics().items() if one.offered]
        return Prompt(facts=self.facts, options=[*offered, Option(ALL, topics()[OTHER].label)])

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered({"topic": picked.value, "story": None})
        labels = {one.label: key for key, one in topics().items()}
        index = choose(said.text, list(labels)) if len(said.text) <= max(map(len, labels)) else None
        if index is not None:
            return Answered({"topic": list(labels.values())[index], "story": None})
        return Answered(told(Story("").add(None, said)))

    def words(self, stored: Json, talk: Talk) -> str:
        return str((stored["story"] or {}).get("text", "") or topics()[stored["topic"]].label)


def told(story: dict[str, Any]) -> dict[str, Any]:
    """A story, with the topic that it speaks for."""
    found = topic_of(story["text"])
    return {"topic": found.key if found else OTHER, "story": story}


@conversation("legal", own=True)
def legal_help(talk: Talk) -> None:
    """args: story, where it was begun with words."""
    given = talk.args.get("story")
    matter = talk.ask("matter", Matter("legal/matter"), assume=told(given) if given else None)
    topic = ask_rest(talk) if matter["topic"] == ALL else topics()[matter["topic"]]
    if topic.script:
        story = matter["story"] or Story.empty()
        talk.begin(topic.script, story=story, other=False, now=False, whom="")
        return
    found = helpers(talk, OF_THE_LAW)
    show_who_helps(talk, topic, found)
    chosen = talk.ask("leave", Pick("legal/leave", ways(talk, topic, found)))
    if chosen == NOT_NOW:
        talk.say("legal/kept")
    elif chosen == BOOK:
        talk.begin("booking", about=about(matter, topic))
    else:
        leave_it(talk, matter, topic, Role(chosen))


def ask_rest(talk: Talk) -> Topic:
    """The topics that are not among the first buttons."""
    rest = [Option(key, one.label) for key, one in topics().items() if not one.offered]
    return topics()[talk.ask("rest", Pick("legal/rest", rest))]


def show_who_helps(talk: Talk, topic: Topic, found: list[Helper]) -> None:
    """Everybody to be had at once, with a tap to call, and what to do first."""
    talk.say(
        "legal/who",
        calls=[*to_tap(found), *hotlines(talk, topic.calls)],
        topic="" if topic.key == OTHER else topic.label,
        advice=topic.advice,
        helpers=found,
        known=talk.person.home_id is not None,
    )


def ways(talk: Talk, topic: Topic, found: list[Helper]) -> list[Option]:
    """To whom it can be left: who the topic is for and who serves here; an appointment; or not."""
    there = {one.role for one in found}
    to = [role for role in topic.to if role in there] or [Role.LAWYER]
    options = [
        Option(role.value, talk.word("legal.leave_with").format(who=roles.label(role)))
        for role in to
    ]
    if next_sittings(talk):
        options.append(Option(BOOK, talk.word("legal.book")))
    return [*options, Option(NOT_NOW, talk.word("legal.not_now"))]


def about(matter: dict[str, Any], topic: Topic) -> str:
    """What a booking is about, as far as it was told."""
    text = (matter["story"] or {}).get("text", "")
    return f"{topic.label}：{text}" if text else topic.label


def leave_it(talk: Talk, matter: dict[str, Any], topic: Topic, role: Role) -> None:
    """Through the filing talk. What was told is not asked again, nor whether it is right: they saw
    it, and said to whom it is to go."""
    answers = {"what": matter["story"], "confirm": True} if matter["story"] else {}
    asked = [[talk.word("legal.topic"), topic.label]]
    talk.begin("request", answers=answers, service=SERVICE, asked=asked, first=[role.value])
