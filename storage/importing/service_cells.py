"""A service's rule as the cells of a row, and back: what a list and 服务设置 in the chat share.

A cell says one thing about the rule in words that people use (``2小时``, ``网格员、联户党员``);
storage/data/service_words.toml has the words that are understood.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from storage import roles, rules
from storage.importing.reading import heading_of
from storage.names import DATA, bare, digits, pinyin, simplify
from storage.posts import Role
from storage.rules import ALL_KINDS, DAY, WORKDAY, Asked, BadRule, Service
from storage.services import kinds

HOUR = 60
"""Minutes."""

LONGEST = {"label": 12, "hint": 40, "opening": 120, "words": 200, "questions": 400, "ladder": 400}
"""Characters of a cell. A label stands on a button, an opening is one message."""
ANY_OTHER_CELL = 200
MOST_QUESTIONS = 5
"""More of them nobody answers on a phone."""

_STEP = re.compile(r"\s*(?:[>→\n]|-+>)\s*")
_ITEM = re.compile(r"\s*[、,，;；\n]\s*")
_QUESTION = re.compile(r"\s*[;；\n]\s*")
_BRACKET = re.compile(r"[(（]([^()（）]*)[)）]\s*$")


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((DATA / "service_words.toml").read_text("utf-8"))


def _written_as(table: str, key: str) -> str:
    return _words()[table][key][0]


def _meant(table: str, text: str, field: str) -> str:
    """The key of the word that `text` is. Raises BadRule naming all that it may be."""
    for key, names in _words()[table].items():
        if bare(text) in map(bare, names):
            return key
    allowed = "、".join(names[0] for names in _words()[table].values())
    raise BadRule("word_bad", column=heading_of("services", field), value=text, allowed=allowed)


def means_yes(text: str) -> bool | None:
    """Whether a cell says yes; None where it says neither yes nor no."""
    for key, names in _words()["yes_no"].items():
        if bare(text) in map(bare, names):
            return key == "yes"
    return None


def yes_or_no(yes: bool) -> str:
    """The word for it, as it stands in a cell."""
    return _written_as("yes_no", "yes" if yes else "no")


def choices(field: str) -> list[str]:
    """What a cell may say, where it may only say one of a few things; else empty."""
    tables = {"privacy": "privacy", "clock": "clock", "late": "late"}
    tables |= dict.fromkeys(("where", "photo", "joinable", "off", "kinds"), "yes_no")
    table = tables.get(field)
    return [names[0] for names in _words()[table].values()] if table else []


def may_be_empty(field: str) -> bool:
    """Whether a cell with nothing in it says something: that there is none."""
    return field in ("hint", "opening", "words", "first", "questions")


# Single cells

Writer = Callable[[Service], str]
Reader = Callable[[str, Service], Service]


def _yes(text: str, field: str) -> bool:
    return _meant("yes_no", text, field) == "yes"


def _no_or_yes(value: bool) -> str:
    return _written_as("yes_no", "yes" if value else "no")


def _items(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in _ITEM.split(text.strip()) if part))


def _roles(text: str) -> tuple[Role, ...]:
    found = []
    for name in _items(text):
        role = roles.role_named(name)
        if role is None:
            raise BadRule("role_unknown", value=name[:20], roles="、".join(roles.names()))
        found.append(role)
    return tuple(dict.fromkeys(found))


def _role_words(given: Sequence[Role]) -> str:
    return "、".join(roles.label(role) for role in given)


def _kinds_written(service: Service) -> str:
    if service.kinds == ALL_KINDS or not service.kinds:
        return _no_or_yes(bool(service.kinds))
    return "、".join(kinds()[key].label for key in service.kinds)


def _kinds(text: str, service: Service) -> Service:
    if bare(text) in map(bare, [*_words()["yes_no"]["yes"], *_words()["yes_no"]["no"]]):
        return replace(service, kinds=ALL_KINDS if _yes(text, "kinds") else ())
    named = {bare(name): kind.key for kind in kinds().values() for name in (kind.label, kind.key)}
    for name in _items(text):
        if bare(name) not in named:
            known = "、".join(kind.label for kind in kinds().values())
            raise BadRule("kind_unknown", value=name[:20], kinds=known)
    picked = dict.fromkeys(named[bare(name)] for name in _items(text))
    return replace(service, kinds=tuple(picked))


# The ladder and its limits


def _ladder_written(service: Service) -> str:
    return " > ".join(
        f"{_written_as('levels', rung.level)}：{_role_words(rung.roles)}" for rung in service.ladder
    )


def _ladder(text: str, service: Service) -> Service:
    """The rungs named; each keeps the limits of the old rung of its level, or of its number."""
    old = service.ladder
    same = {rung.level: rung for rung in reversed(old)}
    rungs = []
    for number, step in enumerate(_steps(text) or [text]):
        level, _, names = step.partition(":")
        if not bare(names):
            raise BadRule("ladder_bad", value=step[:20])
        key = _meant("levels", level, "ladder")
        limits = same.get(key) or old[min(number, len(old) - 1)]
        rungs.append(replace(limits, level=key, roles=_roles(names)))
    return replace(service, ladder=tuple(rungs))


def _steps(text: str) -> list[str]:
    """The parts between the arrows, in one form (full-width colons and arrows are narrow)."""
    return [step for step in _STEP.split(simplify(text)) if step]


def _for_rungs(text: str, service: Service, field: str) -> list[str]:
    """One word for each rung: the same for all, or as many as there are rungs, in their order."""
    given = [step.rpartition(":")[2].strip() for step in _steps(text)]
    if len(given) == 1:
        return given * len(service.ladder)
    if len(given) != len(service.ladder):
        column = heading_of("services", field)
        raise BadRule("steps_differ", column=column, given=len(given), rungs=len(service.ladder))
    return given


def _once_or_each(words: list[str]) -> str:
    return words[0] if len(set(words)) == 1 else " > ".join(words)


def duration_written(minutes: int, every_minute: bool) -> str:
    """Minutes as people write them: 30分钟, 2小时, 3个工作日 (2天 where nights count)."""
    unit, of_a_day = ("days", DAY) if every_minute else ("workdays", WORKDAY)
    for of_one, name in ((of_a_day, unit), (HOUR, "hours")):
        if minutes % of_one == 0:
            return f"{minutes // of_one}{_written_as('units', name)}"
    return f"{minutes}{_written_as('units', 'minutes')}"


def minutes_in(text: str, every_minute: bool) -> int | None:
    """How many minutes ``半小时``, ``两个小时`` or ``3个工作日`` are; None for what says no time.

    A day (天) is a working day, unless nights count too.
    """
    units = {"minutes": 1, "hours": HOUR, "workdays": WORKDAY}
    units["days"] = DAY if every_minute else WORKDAY
    plain = digits(text).replace(" ", "")
    ends = [(word, of_one) for unit, of_one in units.items() for word in _words()["units"][unit]]
    for word, of_one in sorted(ends, key=lambda end: -len(end[0])):
        if plain.endswith(word):
            count = _count(plain.removesuffix(word))
            return None if count is None else round(count * of_one)
    return None


def _count(text: str) -> float | None:
    if text in _words()["units"]["half"]:
        return 0.5
    for word in _words()["units"]["and_half"]:
        if text.endswith(word) and text.removesuffix(word).isdecimal():
            return float(text.removesuffix(word)) + 0.5
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,2})?", text) else None


def _limit_written(service: Service, field: str) -> str:
    limits = [getattr(rung, field) for rung in service.ladder]
    return _once_or_each([duration_written(limit, service.every_minute) for limit in limits])


def _limit(text: str, service: Service, field: str) -> Service:
    rungs = []
    words = _for_rungs(text, service, field)
    for rung, word in zip(service.ladder, words, strict=True):
        minutes = minutes_in(word, service.every_minute)
        if not minutes:
            column = heading_of("services", field)
            raise BadRule("limit_bad", column=column, value=word[:20])
        claim = minutes if field == "claim" else rung.claim
        rungs.append(replace(rung, claim=claim, solve=minutes if field == "solve" else rung.solve))
    return replace(service, ladder=tuple(rungs))


def _late(text: str, service: Service) -> Service:
    words = _for_rungs(text, service, "late")
    return replace(
        service,
        ladder=tuple(
            replace(rung, late=_meant("late", word, "late"))
            for rung, word in zip(service.ladder, words, strict=True)
        ),
    )


# A service's own questions


def _question_written(one: Asked) -> str:
    more = []
    if one.kind == "pick":
        more.append(f"{_written_as('question', 'pick')}：{'/'.join(one.choices)}")
    if one.kind == "photos":
        more.append(_written_as("question", "photos"))
    if one.optional:
        more.append(_written_as("question", "optional"))
    return one.ask + "".join(f"（{word}）" for word in more)


def _questions(text: str, service: Service) -> Service:
    keys = {bare(one.ask): one.key for one in service.questions}
    parts = [part for part in _QUESTION.split(text.strip()) if part]
    if len(parts) > MOST_QUESTIONS:
        raise BadRule("questions_many", most=MOST_QUESTIONS)
    return replace(service, questions=tuple(_question(part, keys) for part in parts))


def _question(text: str, keys: Mapping[str, str]) -> Asked:
    """What stands in brackets behind a question says how it is answered."""
    facts: dict[str, Any] = {}
    while match := _BRACKET.search(text):
        said = _answered_how(match.group(1))
        if said is None:
            break
        facts |= said
        text = text[: match.start()].rstrip()
    return Asked(key=keys.get(bare(text)) or pinyin(text)[0][:64], ask=text, **facts)


def _answered_how(text: str) -> dict[str, Any] | None:
    words = _words()["question"]
    if bare(text) in words["optional"]:
        return {"optional": True}
    if bare(text) in words["photos"]:
        return {"kind": "photos"}
    head, colon, rest = text.replace("：", ":").partition(":")
    if colon and bare(head) in words["pick"]:
        options = [part.strip() for part in re.split(r"[/／、|]", rest)]
        return {"kind": "pick", "choices": tuple(dict.fromkeys(filter(None, options)))}
    return None


# All cells

_CELLS: dict[str, tuple[Writer, Reader]] = {
    "label": (lambda s: s.label, lambda text, s: replace(s, label=text)),
    "hint": (lambda s: s.hint, lambda text, s: replace(s, hint=text)),
    "opening": (lambda s: s.opening, lambda text, s: replace(s, opening=text)),
    "words": (lambda s: "、".join(s.words), lambda text, s: replace(s, words=_items(text))),
    "kinds": (_kinds_written, _kinds),
    "where": (
        lambda s: _no_or_yes(s.asks_where),
        lambda text, s: replace(s, asks_where=_yes(text, "where")),
    ),
    "first": (
        lambda s: _role_words(s.first),
        lambda text, s: replace(s, first=_roles(text)),
    ),
    "ladder": (_ladder_written, _ladder),
    "clock": (
        lambda s: _written_as("clock", "always" if s.every_minute else "working"),
        lambda text, s: replace(s, every_minute=_meant("clock", text, "clock") == "always"),
    ),
    "claim": (lambda s: _limit_written(s, "claim"), lambda text, s: _limit(text, s, "claim")),
    "solve": (lambda s: _limit_written(s, "solve"), lambda text, s: _limit(text, s, "solve")),
    "late": (
        lambda s: _once_or_each([_written_as("late", rung.late) for rung in s.ladder]),
        _late,
    ),
    "privacy": (
        lambda s: _written_as("privacy", s.privacy),
        lambda text, s: replace(s, privacy=_meant("privacy", text, "privacy")),
    ),
    "photo": (
        lambda s: _no_or_yes(s.photo),
        lambda text, s: replace(s, photo=_yes(text, "photo")),
    ),
    "joinable": (
        lambda s: _no_or_yes(s.joinable),
        lambda text, s: replace(s, joinable=_yes(text, "joinable")),
    ),
    "questions": (
        lambda s: "；".join(_question_written(one) for one in s.questions),
        _questions,
    ),
    "off": (
        lambda s: _no_or_yes(not s.active),
        lambda text, s: replace(s, active=not _yes(text, "off")),
    ),
}

FIELDS = tuple(_CELLS)
"""The cells of a row, in the order in which they are read: limits after the ladder they are for."""


def written(service: Service, field: str) -> str:
    """What the cell says of this rule; `amended` gives the rule back."""
    return _CELLS[field][0](service)


def amended(service: Service, cells: Mapping[str, str]) -> Service:
    """The rule with what some cells say; not checked. Raises BadRule for a cell that says nothing.

    An empty cell of a field that cannot be empty leaves the rule as it is.
    """
    for field in FIELDS:
        text = cells.get(field, "").strip()
        if field not in cells or not (text or may_be_empty(field)):
            continue
        most = LONGEST.get(field, ANY_OTHER_CELL)
        if len(text) > most:
            raise BadRule("cell_long", column=heading_of("services", field), most=most)
        service = _CELLS[field][1](text, service)
    return service


def blank(key: str, like: Service) -> Service:
    """A new service of which nothing is said yet: the ladder and limits of `like`, and only who
    has part in a matter sees it."""
    return Service(
        key=key, label="", hint="", words=(), kinds=(), asks_where=False, first=(),
        ladder=like.ladder, every_minute=like.every_minute, privacy=rules.PRIVATE,
    )  # fmt: skip
