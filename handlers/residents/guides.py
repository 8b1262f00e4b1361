"""办事指南: what an errand is, who can, what to bring, where; found by kind, or by any words.

what ──a kind──▶ which of them ─┐
  └──words──▶ (is it this one?) ┴▶ the guide, short first, and a button for each of its parts
"""

from __future__ import annotations

from typing import Any

from handlers.matching import choose, number_in
from handlers.questions import (
    Answered,
    Json,
    Missed,
    Option,
    Prompt,
    Question,
    Reading,
    agreement,
)
from handlers.registry import action, conversation, opens
from handlers.relay import Words
from handlers.residents.openings import opening_button
from handlers.talk import Do, Said, Talk
from storage import guide_search, guides
from storage.guides import Faq, Guide

PARTS = ("who", "papers", "place", "time", "all")
NONE = "none"
MOST_TRIES = 4
"""How often somebody may say it in other words before a person is offered instead."""
MOST_FAQS = 4
LONGEST = 200
"""Characters of what was said that are looked for."""


class Wanted(Question[dict[str, Json]]):
    """One of some options, or any words: {"text": what was said}, or the option's value.

    guess: it asks whether the first is right, so a plain yes takes that and a plain no the last.
    """

    def __init__(
        self, name: str, /, options: list[Option], *, guess: bool = False, **facts: Any
    ) -> None:
        super().__init__(name, **facts)
        self._options = options
        self._guess = guess

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=self._options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        index = choose(said.text, [option.label for option in self._options])
        if index is not None:
            return Answered(self._options[index].value)
        plain = agreement(said.text, talk) if self._guess else None
        if plain is not None:
            return Answered(self._options[0 if plain == 0 else -1].value)
        text = said.text.strip()[:LONGEST]
        return Answered({"text": text}) if text and number_in(text) is None else Missed()

    def words(self, stored: Json, talk: Talk) -> str:
        label = next((o.label for o in self._options if o.value == stored), "")
        return label or str(stored.get("text", ""))


@opens("guides")
def open_guides(talk: Talk, story: Words | None) -> None:
    """The button 办事指南, or words that mean it."""
    text = story["text"][:LONGEST] if story else ""
    talk.begin("guides", answers={"what": {"text": text}} if text else None)


@conversation("guides", own=True)
def ask_what(talk: Talk) -> None:
    """From what somebody wants to the guide; whatever is not sure is asked about."""
    kinds = [Option({"group": key}, label) for key, label in guides.groups().items()]
    wanted = talk.ask("what", Wanted("guides/what", kinds))
    for nth in range(MOST_TRIES):
        question = _answer(talk, wanted)
        if question is None:
            return
        wanted = talk.ask(f"which-{nth}", question)
    _say_nothing_found(talk, "")


def _answer(talk: Talk, wanted: dict[str, Json]) -> Question[dict[str, Json]] | None:
    """Answer what is wanted; or the question that has to be asked first."""
    if "guide" in wanted:
        show(talk, wanted["guide"])
    elif "faq" in wanted:
        show_faq(talk, wanted["faq"])
    elif "group" in wanted:
        return _which_of(talk, wanted["group"])
    elif wanted.get("text") == NONE:
        _say_nothing_found(talk, "")
    else:
        return _search(talk, wanted["text"])
    return None


def _which_of(talk: Talk, group: str) -> Question[dict[str, Json]]:
    found = [g for g in guides.for_home(talk.session, talk.person.home_id) if g.group == group]
    options = [Option({"guide": guide.key}, guide.title) for guide in found]
    return Wanted("guides/which", options, group=guides.groups()[group])


def _search(talk: Talk, text: str) -> Question[dict[str, Json]] | None:
    found = guide_search.search(talk.session, text, talk.person.home_id)
    if found.faq and found.sure_faq:
        show_faq(talk, found.faq.key)
        return None
    if found.sure:
        show(talk, found.guides[0].key)
        return None
    if found.group:
        return _which_of(talk, found.group)
    options = [Option({"guide": guide.key}, guide.title) for guide in found.guides]
    if found.faq:
        options.append(Option({"faq": found.faq.key}, found.faq.question))
    if not options:
        _say_nothing_found(talk, text)
        return None
    only = options[0].label if len(options) == 1 else ""
    options.append(Option({"text": NONE}, talk.word("guide.none_of_these")))
    return Wanted("guides/is_it", options, guess=bool(only), only=only)


def _say_nothing_found(talk: Talk, text: str) -> None:
    talk.say(
        "guides/nothing",
        text=text,
        options=[
            opening_button(talk, "guides"),
            Do("help_with", {"text": text}, talk.word("guide.help")),
            Do("human"),
        ],
    )


def buttons(talk: Talk, guide: Guide, but: str = "") -> list[Do]:
    """A guide's parts, and what can be done about it."""
    has = {
        "who": guide.who,
        "papers": guide.papers,
        "place": guide.place,
        "time": guide.takes or guide.cost,
        "all": True,
    }
    parts = [part for part in PARTS if has[part] and part != but]
    return [
        *(
            Do("guide_part", {"guide": guide.key, "part": part}, talk.word(f"guide.{part}"))
            for part in parts
        ),
        Do("help_me", {"guide": guide.key}, talk.word("guide.help")),
        Do("open", {"name": "guides"}, talk.word("guide.other")),
    ]


def _known(talk: Talk, key: str) -> Guide | None:
    """The guide of a button that may be old; otherwise says that it is no more."""
    guide = guides.get(talk.session, key)
    if guide is None or not guide.active:
        talk.say("guides/gone", options=[opening_button(talk, "guides")])
        return None
    return guide


def show(talk: Talk, key: str) -> None:
    """A guide in one sentence."""
    guide = _known(talk, key)
    if guide is not None:
        talk.say("guides/guide", g=guide, options=buttons(talk, guide))


@action("guide")
def show_guide(talk: Talk, guide: str) -> None:
    """The button with a guide's name."""
    show(talk, guide)


@action("guide_part")
def show_part(talk: Talk, guide: str, part: str) -> None:
    """谁能办, 带什么, 到哪办, 多久, 全部看; the number to ring with where to go."""
    found = _known(talk, guide)
    if found is None or part not in PARTS:
        return
    calls = [(talk.word("guide.ask_there"), found.phone)] if found.phone else []
    asked = guides.faqs_of(talk.session, guide)[:MOST_FAQS] if part == "all" else []
    talk.say(
        f"guides/{part}",
        g=found,
        calls=calls if part in ("place", "all") else (),
        options=[*(_button(faq) for faq in asked), *buttons(talk, found, part)],
    )


def _button(faq: Faq) -> Do:
    return Do("guide_faq", {"faq": faq.key}, faq.question)


@action("guide_faq")
def answer_question(talk: Talk, faq: str) -> None:
    """The button with a frequent question."""
    show_faq(talk, faq)


def show_faq(talk: Talk, key: str) -> None:
    """A frequent question's answer, with the button of the guide that it is about."""
    faq = guides.get_faq(talk.session, key)
    if faq is None or not faq.active:
        talk.say("guides/gone", options=[opening_button(talk, "guides")])
        return
    guide = guides.get(talk.session, faq.guide) if faq.guide else None
    options = []
    if guide is not None and guide.active:
        options = [
            Do("guide", {"guide": guide.key}, guide.title),
            Do("help_me", {"guide": guide.key}, talk.word("guide.help")),
        ]
    options.append(Do("open", {"name": "guides"}, talk.word("guide.other")))
    talk.say("guides/faq", faq=faq, options=options)
