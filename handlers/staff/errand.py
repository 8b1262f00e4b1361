"""What a helper (代办员) does with an errand besides any ticket: its steps, and its papers."""

from __future__ import annotations

from handlers import course, errands
from handlers.permits import entitled
from handlers.questions import Story
from handlers.registry import action
from handlers.relay import Words, tell_filer
from handlers.residents.verdict import ask_whether_solved
from handlers.staff.cards import refresh_cards
from handlers.staff.finishing import say_resolved
from handlers.staff.said import own_matters
from handlers.staff.work import say_who_has_it
from handlers.talk import Do, Talk
from handlers.views import kind_label, name_of
from storage import audit, guides, papers, tickets
from storage.tickets import Status, Ticket, TicketChanged


@action("step")
def step(talk: Talk, ticket: int, version: int, step: str) -> None:
    """One tap: an event, and a word to the resident. The last step ends the errand."""
    found = entitled(talk, ticket, "step")
    if found is None:
        return
    if found.status != Status.CLAIMED or found.owner_id != talk.person.id:
        say_who_has_it(talk, found)
        return
    steps = errands.steps_of(talk, found)
    if step not in errands.steps_left(talk, found):
        talk.say("guides/step_said", ticket=ticket, number=ticket, step=step, again=True, told=True)
        refresh_cards(talk, found)
        return
    if step == steps[-1]:
        _finish(talk, found, step)
        return
    try:
        tickets.advance(talk.session, found, found.version)
    except TicketChanged:
        say_who_has_it(talk, found)
        return
    tickets.record(talk.session, found, "step", talk.person.id, talk.now, text=step)
    course.responded(talk, found)
    told = tell_filer(
        talk, found, "guides/step", title=_title(talk, found), step=step,
        told=guides.steps_told().get(step, ""), name=talk.person.name,
    )  # fmt: skip
    refresh_cards(talk, found)
    talk.say("guides/step_said", ticket=ticket, number=ticket, step=step, again=False, told=told)


def heard(talk: Talk, words: Words, threads: list[Ticket]) -> bool:
    """Whether a worker says that a step of an errand of theirs is done (材料收到了); then it is
    offered, since the resident is told."""
    if words["media"]:
        return False
    ways = []
    for one in own_matters(talk, threads):
        left = errands.steps_left(talk, one)[:-1] if one.status == Status.CLAIMED else []
        said = guides.step_said(words["text"], left)
        if said is not None:
            at = {"ticket": one.id, "version": one.version, "step": said}
            filer = name_of(talk.session, one.filer_id)
            label = talk.word("guide.step_of").format(step=said, number=one.id, filer=filer)
            ways.append((one, Do("step", at, label)))
    if not ways:
        return False
    single = ways[0][0] if len(ways) == 1 else None
    only = Do("more_threads", {"story": words, "page": 0}, talk.word("do.just_reply"))
    if len(threads) == 1:
        only = Do("to_ticket", {"ticket": threads[0].id, "story": words}, only.label)
    talk.say(
        "staff/which_work", text=words["text"], kind="step", photos=0,
        number=single.id if single else 0, about=_title(talk, single) if single else "",
        options=[*(way for _, way in ways), only, Do("new", {"story": words})],
    )  # fmt: skip
    return True


def _finish(talk: Talk, ticket: Ticket, step: str) -> None:
    """The last step is 办结, in the words of the step; where a photo is needed, it asks for it."""
    if course.rule_of(talk, ticket).photo:
        talk.begin("resolve", ticket=ticket.id)
        return
    result = {**Story.empty(), "text": guides.steps_told().get(step, step)}
    try:
        course.resolve(talk, ticket, talk.person.id, result)
    except TicketChanged:
        say_who_has_it(talk, ticket)
        return
    refresh_cards(talk, ticket)
    told = ask_whether_solved(talk, ticket, result, talk.person.name)
    say_resolved(talk, ticket, told, 0)


def _title(talk: Talk, ticket: Ticket) -> str:
    guide = errands.guide_of(talk, ticket)
    return guide.title if guide else kind_label(ticket)


@action("papers")
def look_at_papers(talk: Talk, ticket: int) -> None:
    """看材料照片: for whose they are, and for who does the errand while they do; each look of
    theirs is written down."""
    found = entitled(talk, ticket, "papers")
    if found is None:
        return
    own = found.filer_id == talk.person.id
    if not own and (found.status != Status.CLAIMED or found.owner_id != talk.person.id):
        talk.say("guides/papers_closed", ticket=ticket, number=ticket, status=found.status)
        return
    kept = papers.of_ticket(talk.session, ticket)
    if not own and kept:
        audit.note(talk.session, talk.now, talk.person.id, "papers", f"ticket:{ticket}")
    named: dict[str, list[int]] = {}
    for photo in kept:
        named.setdefault(photo.name, []).append(photo.media_id)
    for name, photos in named.items():
        talk.say("guides/paper_shown", ticket=ticket, number=ticket, name=name, media=photos)
    talk.say("guides/papers_all", ticket=ticket, number=ticket, count=len(kept), own=own)
