"""Everything there is to ask for: the list of services, and the words that begin one."""

from __future__ import annotations

from handlers.permits import may_for_county
from handlers.registry import HANDLERS, action, command
from handlers.talk import Do, Talk
from storage import rules
from storage.meaning import classify
from storage.names import bare, pinyin
from storage.rules import Service

REQUEST, HUMAN, COMPLAINT = "request", "human", "complaint"
"""The service of whoever does not say another, the one that 转人工 files, and the conversation in
which a complaint about a worker is told."""
OF_TALK = {"legal": "legal", "booking": "legal"}
"""The service that other talks lead to: who breaks off there is helped by those who may know it."""
NOT_OFFERED = (HUMAN, "protection", "crisis")
"""What is only ever filed by a talk of its own."""


def on_offer(talk: Talk) -> dict[str, Service]:
    """The active services that a resident can begin, by key, in the order they were made."""
    return {
        key: service
        for key, service in rules.current(talk.session).items()
        if service.active
        and key not in NOT_OFFERED
        and (not service.about_worker or COMPLAINT in HANDLERS.conversations)
    }


SURE = 0.5
"""How sure of the words one must be to ask about another service than 微诉求: a guess that is wrong
costs everybody a question."""


def suggest_services(text: str) -> list[str]:
    """The keys of the services that free words may mean, likeliest first. Empty when there is no
    telling, and in danger, when every question less counts: they are taken for a 微诉求 then."""
    meaning = classify(text)
    return [] if meaning.dangers or meaning.confidence < SURE else [meaning.service]


def begun_by(talk: Talk, text: str) -> Service | None:
    """The service whose name or opening word this is, with or without 我要 and the like around it,
    or in pinyin. None when it says anything more."""
    said = _ways_to_mean(bare(text), talk)
    if not said:
        return None
    for service in on_offer(talk).values():
        words = {bare(word) for word in (service.label, *service.words)}
        if said & words or said & {pinyin(word)[0] for word in words}:
            return service
    return None


def _ways_to_mean(said: str, talk: Talk) -> set[str]:
    """`said`, and what is left of it without the words that people put around what they want."""
    before = talk.words("heard.before_a_service")
    after = talk.words("heard.after_a_service")
    found = {said} | {said.removeprefix(word) for word in before}
    found |= {one.removesuffix(word) for one in found for word in after}
    return found - {""}


def begin_service(talk: Talk, service: Service) -> None:
    """Start the talk that files it."""
    if service.about_worker:
        talk.begin(COMPLAINT)
    else:
        talk.begin("request", service=service.key)


@command("all_services")
def all_services(talk: Talk) -> None:
    """都能办什么: every service with its hint, each a button."""
    offered = list(on_offer(talk).values())
    choices = [Do("open_service", {"service": one.key}, one.label) for one in offered]
    choices.append(Do("open_on_behalf"))
    choices.append(Do("human", {}, rules.current(talk.session)[HUMAN].label))
    if may_for_county(talk, "services"):
        choices.append(Do("services"))
    talk.say("desk/services", services=offered, options=choices)


@action("open_service")
def open_service(talk: Talk, service: str) -> None:
    """A button of that list; one that is off by now gets the list as it is."""
    chosen = on_offer(talk).get(service)
    if chosen is None:
        talk.say("desk/service_off")
        all_services(talk)
        return
    begin_service(talk, chosen)


def service_so_far(talk: Talk) -> Service | None:
    """Which service the talk that this message interrupts was to file; None when none was named."""
    key = talk.answered("service") or talk.args.get("service") or OF_TALK.get(talk.under_way)
    return rules.current(talk.session).get(key) if isinstance(key, str) else None
