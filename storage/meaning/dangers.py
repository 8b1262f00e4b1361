"""Danger to life in a resident's words: what kind, and which numbers to show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pypinyin import lazy_pinyin

from storage.meaning.files import table
from storage.meaning.reading import GAP, LETTERS, without_tones
from storage.names import simplified

MOST = 20_000
"""Characters that are looked through."""
CLAUSE = re.compile(r"[，。！？；,.!?;\n]+")


@dataclass(frozen=True, slots=True)
class Danger:
    """One kind of danger: its key, the numbers to ring (the first first), what it is known by."""

    key: str
    calls: tuple[str, ...]
    always: bool
    seen: re.Pattern[str]
    spelled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    harmless: re.Pattern[str]
    hypothetical: re.Pattern[str]
    now: re.Pattern[str]
    letter: int


@cache
def dangers() -> dict[str, Danger]:
    """All kinds of danger by key."""
    rows = {key: row for key, row in table("meaning/dangers").items() if isinstance(row, dict)}
    return {
        key: Danger(
            key,
            tuple(row["calls"]),
            row.get("always", False),
            re.compile("|".join([*map(re.escape, row["words"]), *row.get("patterns", ())])),
            tuple(s for word in row["words"] if len(s := "".join(lazy_pinyin(word))) >= 5),
        )
        for key, row in rows.items()
    }


@cache
def _rules() -> _Rules:
    rows = table("meaning/dangers")
    harmless, hypothetical, now = (
        re.compile("|".join(rows[key])) for key in ("harmless", "hypothetical", "now")
    )
    return _Rules(harmless, hypothetical, now, rows["letter"])


def dangers_in(text: str) -> tuple[str, ...]:
    """The kinds of danger that `text` tells of, as keys of `dangers`; empty when there is none.

    What might be, what was, and words that only look like danger do not count.
    """
    rules = _rules()
    plain = rules.harmless.sub("  ", without_tones(simplified(text[:MOST])))
    told = len(GAP.sub("", plain))
    near = told <= rules.letter or rules.now.search(plain) is not None
    heard = {key for run in LETTERS.findall(plain) for key in _spelled(run)}
    found = {
        danger.key
        for danger in dangers().values()
        for clause in (CLAUSE.split(plain) if not danger.always else [plain])
        if danger.always or near
        if danger.seen.search(clause)
        if danger.always or rules.hypothetical.search(clause) is None
    }
    return tuple(key for key in dangers() if key in found | heard)


def _spelled(run: str) -> list[str]:
    letters = "".join(c for c in run if c.isalpha())
    return [
        danger.key for danger in dangers().values() if any(s in letters for s in danger.spelled)
    ]
