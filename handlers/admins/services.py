"""服务设置: an admin changes a service, or makes a new one, in the chat.

    which ──▶ what of it ──▶ new value ──▶ the difference, confirm ──▶ a new version
      └─new─▶ name … privacy ──▶ summary, confirm ──▶ the first version

Every value is a cell as in a services list, so a list and the chat say the same in the same words.
A value by which the rule could not work is refused with the reason, and kept as it was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.permits import may_for_county
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
)
from handlers.registry import command, conversation
from handlers.talk import Said, Talk
from storage import audit, rules
from storage.importing import heading_of
from storage.importing import service_cells as cells
from storage.rules import BadRule, Service
from storage.services import kinds

NEW = "new"
ASKED_OF_NEW = ("label", "hint", "words", "first")
LIMITS_OF_NEW = ("claim", "solve", "privacy")
PER_RUNG = ("claim", "solve", "late")
"""What a new service is asked for, before and after its ladder; the rest is changed later."""

Amend = Callable[[str], Service]


class Cell(Question[str]):
    """One cell of a service's row. amend: the rule with it; what that raises is said, and asked
    anew."""

    counts = True

    def __init__(self, field: str, now: str, amend: Amend, suggested: str = "") -> None:
        column = heading_of("services", field)
        super().__init__("admins/cell", field=field, column=column, now=now)
        self._amend = amend
        self._field = field
        self._choices = cells.choices(field) or ([suggested] if suggested else [])

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        options = [Option(choice, choice) for choice in self._choices]
        if cells.may_be_empty(self._field):
            options.append(Option("", talk.word("choice.empty")))
        fault = self._fault(draft) if draft is not None else None
        if fault is None:
            return Prompt(facts=self.facts, options=options)
        facts = {"typed": draft, "reason": fault.reason_key, "about": fault.facts}
        return Prompt("wrong", {**self.facts, **facts}, options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        text = str(picked.value) if picked else said.text.strip()
        if not picked and not text:
            return Missed()
        return (
            Answered(text) if self._fault(text) is None else Partly(text, self.prompt(talk, text))
        )

    def holds(self, stored: Json, talk: Talk) -> bool:
        return self._fault(stored) is None

    def unfinished(self, stored: Json) -> Json:
        return stored

    def _fault(self, text: str) -> BadRule | None:
        if not text and not cells.may_be_empty(self._field):
            return BadRule("cell_empty", column=self.facts["column"])
        try:
            self._amend(text)
        except BadRule as bad:
            return bad
        return None


def checked(talk: Talk, service: Service, changes: Mapping[str, str]) -> Service:
    """The rule with these cells, fit to be used. Raises BadRule."""
    amended = cells.amended(service, changes)
    rules.check(amended, kinds(), rules.current(talk.session))
    return amended


@command("services")
def service_settings(talk: Talk) -> None:
    """服务设置: for admins of the whole county, not of a part of it."""
    if may_for_county(talk, "services"):
        talk.begin("service_settings")
    else:
        talk.say("desk/not_allowed")


@conversation("service_settings")
def change_a_service(talk: Talk) -> None:
    """Which service, what of it, its new value; then the difference is shown and confirmed."""
    known = rules.current(talk.session)
    options = [Option(one.key, _label(talk, one)) for one in known.values()]
    options.append(Option(NEW, talk.word("choice.new_service")))
    key = talk.ask("service", Pick("admins/which", options))
    if key == NEW:
        talk.begin("new_service")
        return
    service = known[key]
    rows = {field: cells.written(service, field) for field in cells.FIELDS}
    columns = [Option(field, heading_of("services", field)) for field in cells.FIELDS]
    shown = [(heading_of("services", field), text) for field, text in rows.items()]
    field = talk.ask("field", Pick("admins/field", columns, label=service.label, rows=shown))

    def amend(text: str) -> Service:
        return checked(talk, service, {field: text})

    value = talk.ask(f"{key}:{field}", Cell(field, rows[field], amend))
    changed = amend(value)
    if changed == service:
        talk.say("admins/same", label=service.label)
        return
    lines = [
        (heading_of("services", one), rows[one], cells.written(changed, one))
        for one in cells.FIELDS
        if cells.written(changed, one) != rows[one]
    ]
    levels = _levels_alike(changed, field)
    question = Confirm("admins/confirm", yes="change", no="change_not", summary=True,
                       label=service.label, lines=lines, levels=levels)  # fmt: skip
    if not talk.ask(f"confirm-{service.version}", question):
        talk.say("admins/same", label=service.label)
        return
    if _write(talk, changed):
        talk.say("admins/changed", label=changed.label, active=changed.active)


def _levels_alike(service: Service, field: str) -> int:
    """On how many rungs a cell that is given once holds; 0 where it says each of them, or there is
    one: 1小时 in the place of 2小时 > 4小时 changes more than the first."""
    each = {getattr(rung, field, None) for rung in service.ladder}
    several = field in PER_RUNG and len(service.ladder) > 1 and len(each) == 1
    return len(service.ladder) if several else 0


@conversation("new_service")
def make_a_service(talk: Talk) -> None:
    """What a new service needs; what is not asked stays as `service_cells.blank` has it."""
    known = rules.current(talk.session)
    new = cells.blank("", like=known["request"])
    told: dict[str, str] = {}
    for field in ASKED_OF_NEW:
        told[field] = _ask_cell(talk, field, new, told)
    templates = [Option(one.key, one.label) for one in known.values() if one.active]
    like = known[talk.ask("ladder", Pick("admins/ladder", templates))]
    new = cells.blank(rules.new_key(told["label"], known), like=like)
    for field in LIMITS_OF_NEW:
        told[field] = _ask_cell(talk, field, new, told)
    made = checked(talk, new, told)
    rows = [(heading_of("services", field), cells.written(made, field)) for field in cells.FIELDS]
    question = Confirm("admins/confirm_new", yes="change", no="change_not", summary=True, rows=rows)
    if not talk.ask("confirm", question):
        talk.say("admins/dropped")
        return
    if _write(talk, made):
        talk.say("admins/made", label=made.label, words=made.words)


def _ask_cell(talk: Talk, field: str, new: Service, told: Mapping[str, str]) -> str:
    def amend(text: str) -> Service:
        return checked(talk, new, {**told, field: text})

    suggested = cells.written(new, field) if field in ("claim", "solve") else ""
    return talk.ask(field, Cell(field, "", amend, suggested))


def _label(talk: Talk, service: Service) -> str:
    off = "" if service.active else talk.word("choice.is_off")
    return f"{service.label}{off}"


def _write(talk: Talk, service: Service) -> bool:
    """Make it the rule; False, and said so, for whoever has ceased to be an admin meanwhile."""
    if not may_for_county(talk, "services"):
        talk.say("desk/not_allowed")
        return False
    made = rules.change(talk.session, service, talk.now, talk.person.id)
    subject = f"service:{made.key}@{made.version}"
    audit.note(talk.session, talk.now, talk.person.id, "service", subject)
    return True
