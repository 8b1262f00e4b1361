"""What somebody's own words ask for: gone to, or asked about, with the words kept."""

from __future__ import annotations

from handlers.matching import number_in
from handlers.questions import Answered, Json, Missed, Option, Pick, Reading, Story
from handlers.registry import HANDLERS, conversation, elsewhere
from handlers.relay import Words, said_as_story
from handlers.residents.careful import added
from handlers.residents.menu import menu
from handlers.residents.more_matters import keep_the_others
from handlers.residents.own_data import DOES
from handlers.residents.services import HUMAN, REQUEST, on_offer
from handlers.residents.targets import label_of, lead_to, there_is, way_to
from handlers.talk import Do, Said, Talk
from storage import tickets
from storage.meaning import dangers_in
from storage.meaning.about import asks_about
from storage.meaning.leaving import leaves
from storage.services import likely
from storage.understanding import QUIET, Understood, named, understood

MENU, THANKS, ANSWER, MINE = "menu", "thanks", "answer", "my_requests"
A_FEW = 4
"""Characters from which words may go on with what was told."""
NONE, ANEW = "none", "anew"
"""Answers besides the targets: it is none of them; and something else was said instead."""


def asked_for(talk: Talk, words: Words) -> Understood:
    """What the words ask for, of what there is here; a photo or a place is told, not asked for."""
    if words["media"] or words["location"]:
        return Understood()
    meant = understood(words["text"])
    asks = tuple(one for one in meant.asks if there_is(talk, one) and not _none_yet(talk, one))
    if meant.acts:
        return meant if meant.acts in QUIET or there_is(talk, meant.acts) else Understood()
    if asks == (REQUEST,):
        return Understood()
    return Understood(asks=asks, guess=meant.guess if meant.guess in asks else "")


def _none_yet(talk: Talk, target: str) -> bool:
    """Whether it is what became of matters, and the speaker has told none: 啥时候来电 is
    no question about one."""
    of = talk.session, talk.person.id
    return target == MINE and not tickets.of_filer(*of, open_only=False, limit=1)


def what_is_meant(talk: Talk, words: Words, meant: Understood) -> None:
    """Ask which of these it is. Who then asks for a person is helped as confidentially as the
    likeliest of them is."""
    service = {"service": meant.asks[0]} if meant.asks[0] in on_offer(talk) else {}
    talk.begin("meant", answers={"what": words}, **service)


class Which(Pick):
    """Which of the targets; whatever else is said is heard as if nothing had been asked."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = super().read(said, picked, talk, draft)
        told = said.text and number_in(said.text) is None and said.text != "0"
        told = told and not leaves(said.text, nothing_else=True)  # the engine ends the talk
        return Answered(ANEW) if isinstance(reading, Missed) and told else reading

    def holds(self, stored: Json, talk: Talk) -> bool:
        return stored == ANEW or super().holds(stored, talk)


@conversation("meant", own=True)
def find_out(talk: Talk) -> None:
    """The words, which may be told anew with 返回; which of the targets; and then there."""
    what = talk.ask("what", Story("request/what", opening="", service=""))
    meant = asked_for(talk, {**what, "media": [], "location": None})  # a late photo asks nothing
    picked = meant.acts or REQUEST
    if meant.asks:
        options = [Option(one, label_of(talk, one)) for one in meant.asks]
        options.append(Option(NONE, talk.word("choice.none_of_them")))
        only = label_of(talk, meant.guess) if meant.guess else ""
        question = Which("desk/meant", options, guess=bool(only), only=only, text=what["text"])
        picked = talk.ask("which", question)
    if picked == ANEW and _goes_on(talk, meant):
        talk.begin("meant", answers={"what": added(what, said_as_story(talk))}, **talk.args)
    elif picked == ANEW:
        assert HANDLERS.otherwise is not None
        HANDLERS.otherwise(talk)
    elif picked == NONE:
        menu(talk, what)
    elif picked in QUIET:
        menu(talk)
    else:
        lead_to(talk, picked, keep_the_others(talk, picked, what))


def _goes_on(talk: Talk, meant: Understood) -> bool:
    """Whether what was said instead goes on with what was told (我想要个轮椅, 是我妈要用的): it
    asks for nothing else, tells of no matter of its own and of no danger."""
    text = talk.said.text
    alone = understood(text)
    if dangers_in(text) or asks_about(text) or alone.acts or named(text):
        return False
    of_its_own = likely(text) or (alone.guess and alone.guess not in meant.asks)
    return not of_its_own and sum(map(str.isalpha, text)) >= A_FEW


@elsewhere
def what_else(talk: Talk) -> list[Do]:
    """Where words lead that are no answer to the question of the talk under way."""
    of_oneself = DOES.get(asks_about(talk.said.text), "")
    if of_oneself and of_oneself != talk.under_way:
        label = talk.word("do.go_first").format(label=label_of(talk, of_oneself))
        return [way_to(talk, of_oneself, None, label)]
    meant = understood(talk.said.text)
    plainly = [meant.acts] if meant.acts in named(talk.said.text) else []
    story = said_as_story(talk)
    service = talk.answered("service") or talk.args.get("service")
    return [
        way_to(talk, one, story, talk.word("do.go_first").format(label=label_of(talk, one)))
        for one in plainly or meant.asks[:1]
        if one not in (*QUIET, REQUEST, HUMAN, talk.under_way, service) and there_is(talk, one)
    ]
