"""帮我办: for who cannot go themselves, an errand for the 代办员, with papers photographed at home.

(where they live, once) ▶ why ▶ now or later ──now──▶ each paper in turn ─┐
                                        └──later────────────────────────┴▶ own questions ▶ confirm

The photos are no part of the ticket: `storage/papers.py` keeps them apart, for a short time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers import errands
from handlers.matching import choose
from handlers.permits import entitled
from handlers.questions import (
    Answered,
    Confirm,
    Json,
    Missed,
    Option,
    Partly,
    Pick,
    Prompt,
    Question,
    Reading,
    Story,
)
from handlers.registry import action, conversation, duty
from handlers.residents.arrival import agrees, ask_home_first
from handlers.residents.own_questions import ask_own
from handlers.residents.request import file_request
from handlers.residents.services import on_offer
from handlers.residents.where import HOME
from handlers.staff.cards import refresh_cards
from handlers.talk import Desk, Do, Said, Talk
from storage import guides, papers, tickets
from storage.guides import Guide, Paper
from storage.people import Person
from storage.tickets import OPEN

WHY = ("old", "weak", "pregnant", "children", "family", "online", "other")
NOW, LATER, NONE = "now", "later", "none"
MOST_PHOTOS = 10
"""Of one paper: a household register has that many pages."""


@dataclass(frozen=True, slots=True)
class Given:
    """What became of one paper. photos: ids of files; later: it is to come; neither: they have
    none."""

    name: str
    photos: tuple[int, ...] = ()
    later: bool = False


def _pictures(said: Said) -> list[int]:
    return [one for one in said.media if one not in said.voices]


class WhenPapers(Pick):
    """Now or later; who sends a photo at once means now, and it is of the first paper: that answer
    is {"photos": [ids]}."""

    takes_files = True

    def __init__(self, name: str, first: Paper, /, options: list[Option], **facts: Any) -> None:
        super().__init__(name, options, **facts)
        self._first = first

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        shown = _pictures(said)
        if not shown:
            return super().read(said, picked, talk, draft)
        papers.hold(talk.session, talk.person.id, self._first.name, shown, talk.now)
        return Answered({"photos": shown})

    def holds(self, stored: Json, talk: Talk) -> bool:
        if isinstance(stored, dict):
            return papers.all_kept(talk.session, stored["photos"])
        return super().holds(stored, talk)

    def words(self, stored: Json, talk: Talk) -> str:
        return super().words(NOW if isinstance(stored, dict) else stored, talk)


class PaperPhotos(Question[dict[str, Json]]):
    """Photos of one paper: {"photos": [ids]}, or {"none": true}, or {"later": true}.

    What came is known as a paper's photo at once, so that it is thrown away in time even when the
    talk is never finished.
    """

    takes_files = True

    def __init__(self, name: str, paper: Paper, /, came: Sequence[int] = (), **facts: Any) -> None:
        super().__init__(name, paper=paper, **facts)
        self._paper = paper
        self._came = list(came)

    def _had(self, draft: Json) -> list[int]:
        return list(draft["photos"]) if draft else self._came

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        had = self._had(draft)
        if had:
            word = "next_one" if self.facts["of"] > 1 else "finished"
            done = Option({"done": True}, talk.word(f"guide.{word}"))
            return Prompt("more", {**self.facts, "count": len(had)}, [done])
        return Prompt(
            facts=self.facts,
            options=[
                Option({NONE: True}, talk.word("guide.paper_none")),
                Option({LATER: True}, talk.word("guide.paper_later")),
            ],
        )

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        had = self._had(draft)
        shown = _pictures(said)
        if shown:
            papers.hold(talk.session, talk.person.id, self._paper.name, shown, talk.now)
            both = {"photos": [*had, *shown][:MOST_PHOTOS]}
            return Partly(both, self.prompt(talk, both))
        value = picked.value if picked else self._typed(said, talk, draft)
        if value is None:
            return Missed()
        return Answered({"photos": had} if value.get("done") and had else value)

    def _typed(self, said: Said, talk: Talk, draft: Json) -> dict[str, Json] | None:
        options = self.prompt(talk, draft).options
        index = choose(said.text, [option.label for option in options])
        if index is not None:
            value: dict[str, Json] = options[index].value
            return value
        plain = said.text.strip()
        if plain in talk.words("guide.said_done"):
            return {"done": True} if self._had(draft) else None
        return None

    def holds(self, stored: Json, talk: Talk) -> bool:
        return papers.all_kept(talk.session, stored.get("photos", []))

    def words(self, stored: Json, talk: Talk) -> str:
        if stored.get("photos"):
            return talk.word("guide.paper_done")
        return talk.word("guide.paper_none" if NONE in stored else "guide.paper_later")


@action("help_me")
def help_me(talk: Talk, guide: str) -> None:
    """The button 帮我办 of a guide."""
    talk.begin("guide_help", guide=guide, service=errands.SERVICE)


@action("help_with")
def help_with(talk: Talk, text: str) -> None:
    """帮我办 for what no guide was found for: an errand in their own words."""
    what = {**Story.empty(), "text": text} if text else None
    talk.begin("request", answers={"what": what} if what else None, service=errands.SERVICE)


@conversation("guide_help", own=True)
def ask_for_help(talk: Talk) -> None:
    """From 帮我办 to the errand's number."""
    guide = guides.get(talk.session, talk.args["guide"])
    service = on_offer(talk).get(errands.SERVICE)
    if guide is None or service is None:
        talk.say("guides/no_help", options=[Do("human")])
        return
    talk.say("guides/help", g=guide, days=papers.keeping().keep_days)
    arrival = None
    if talk.person.home_id is None:
        arrival = ask_home_first(talk)
        if arrival is None:
            return
    elif talk.person.consented_at is None and not agrees(talk):
        return
    reasons = [Option(key, talk.word(f"guide_why.{key}")) for key in WHY]
    skip = Option("", talk.word("choice.skip"))
    why = talk.ask("why", Pick("guides/why", [*reasons, skip]))
    given = _ask_papers(talk, guide)
    # A service's own question for photos would put them into the ticket, for all of its workers.
    plain = tuple(one for one in service.questions if one.kind != "photos")
    what = {**Story.empty(), "text": guide.title}
    asked = ask_own(talk, replace(service, questions=plain), what)
    reason = talk.word(f"guide_why.{why}") if why else ""
    summary = {"g": guide, "reason": reason, "given": given, "asked": asked}
    if not talk.ask("confirm", Confirm("guides/confirm", yes="file", no="drop", summary=True,
                                       days=papers.keeping().keep_days, **summary)):  # fmt: skip
        talk.say("request/dropped")
        return
    counted = _counted(talk, given)
    lines = [[talk.word("guide.reason"), reason]] if reason else []
    lines += [[talk.word("guide.given"), counted]] if counted else []
    place = arrival.place if arrival else ""
    ticket = file_request(
        talk, service, what, None, HOME, place, [*lines, *asked], arrival,
        detail={"guide": guide.key},
    )  # fmt: skip
    photos = [one for paper in given for one in paper.photos]
    papers.put_to(talk.session, ticket.id, talk.person.id, photos)
    left = [paper.name for paper in given if paper.later]
    talk.say(
        "guides/filed",
        ticket=ticket.id,
        number=ticket.id,
        photos=len(photos),
        left=left,
        days=papers.keeping().keep_days,
        options=_more(talk, ticket.id) if left else [],
    )


def _ask_papers(talk: Talk, guide: Guide) -> list[Given]:
    """Each paper of the list in turn, if they want to photograph them now."""
    if not guide.papers:
        return []
    options = [Option(one, talk.word(f"guide.{one}")) for one in (NOW, LATER)]
    question = WhenPapers("guides/when_papers", guide.papers[0], options, g=guide)
    when = talk.ask("when-papers", question)
    if when == LATER:
        return [Given(paper.name, later=True) for paper in guide.papers]
    came = when["photos"] if isinstance(when, dict) else []
    return _ask_each(talk, guide, guide.papers, came)


def _ask_each(
    talk: Talk, guide: Guide, wanted: tuple[Paper, ...], came: Sequence[int] = ()
) -> list[Given]:
    """came: photos of the first of them that were sent already."""
    found: list[Given] = []
    for nth, paper in enumerate(wanted, 1):
        so_far = came if nth == 1 else ()
        question = PaperPhotos("guides/paper", paper, so_far, nth=nth, of=len(wanted))
        answer = talk.ask(f"paper-{guide.key}-{paper.name}", question)
        found.append(Given(paper.name, tuple(answer.get("photos", ())), LATER in answer))
    return found


def _counted(talk: Talk, given: list[Given]) -> str:
    """What the card says of the papers: how many were photographed, and which are to come."""
    taken = [paper for paper in given if paper.photos]
    left = [paper.name for paper in given if paper.later]
    if not given:
        return ""
    return talk.word("guide.counted").format(
        taken=len(taken), left=talk.word("guide.comma").join(left) or talk.word("guide.nothing")
    )


def _more(talk: Talk, number: int) -> list[Do]:
    return [Do("more_papers", {"ticket": number}, talk.word("guide.more_papers"))]


@action("more_papers")
def more_papers(talk: Talk, ticket: int) -> None:
    """补拍材料: what was to come later, or any of the list once more."""
    found = entitled(talk, ticket, "more_papers")
    if found is None:
        return
    guide = errands.guide_of(talk, found)
    if guide is None or found.status not in OPEN:
        talk.say("resident/over", number=ticket)
        return
    talk.begin("guide_papers", ticket=ticket)


@conversation("guide_papers")
def send_more_papers(talk: Talk) -> None:
    """One paper, by default the first that is missing; then who does it is told."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "more_papers")
    guide = errands.guide_of(talk, ticket) if ticket else None
    if ticket is None or guide is None:
        return
    names = _missing(talk, guide, number) or [paper.name for paper in guide.papers]
    name = names[0]
    if len(names) > 1:
        wanted = [Option(one, one) for one in names]
        known = [Option(paper.name, paper.name) for paper in guide.papers]
        name = talk.ask("which", Pick("guides/which_paper", wanted, known))
    paper = next(one for one in guide.papers if one.name == name)
    (given,) = _ask_each(talk, guide, (paper,))
    if ticket.status not in OPEN:
        talk.say("resident/over", number=number)
        return
    if given.photos:
        papers.put_to(talk.session, number, talk.person.id, given.photos)
        tickets.record(talk.session, ticket, "papers", talk.person.id, talk.now, text=name)
        refresh_cards(talk, ticket)
        if ticket.owner_id is not None:
            talk.tell(
                ticket.owner_id, "guides/papers_came", staff=True, ticket=number, number=number,
                filer=talk.person.name, name=name,
                options=[Do("papers", {"ticket": number}, talk.word("guide.look"))],
            )  # fmt: skip
    left = _missing(talk, guide, number)
    talk.say(
        "guides/papers_sent", ticket=number, number=number, photos=len(given.photos), left=left,
        options=_more(talk, number) if left else [],
    )  # fmt: skip


def _missing(talk: Talk, guide: Guide, number: int) -> list[str]:
    """The papers of the list of which there is no photo."""
    there = {photo.name for photo in papers.of_ticket(talk.session, number)}
    return [paper.name for paper in guide.papers if paper.name not in there]


@duty("papers", due=papers.due)
def forget_papers(desk: Desk, photo: int) -> None:
    """Some days after the errand is over its photos are thrown away, and whose they are is told."""
    forgotten = papers.forget(desk.session, photo, desk.now)
    if forgotten is None or forgotten.ticket_id is None:
        return
    filer = desk.session.get_one(Person, forgotten.person_id)
    number = forgotten.ticket_id
    desk.tell(filer.id, "guides/papers_gone", ticket=number, number=number)
