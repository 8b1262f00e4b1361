"""Danger told in words that no list has: learnt from the sentences of dangers.tsv.

Naive Bayes over single characters and pairs, danger against everything else. It is asked only
about short messages; the lists of dangers.toml go first.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass
from functools import cache

from storage.meaning.everyday import asks_nothing
from storage.meaning.files import DATA, examples, first_messages, table, wordings
from storage.meaning.reading import GAP
from storage.meaning.words import found, lexicon
from storage.names import simplified

HARMLESS = "none"
"""In dangers.tsv: what sounds a little like danger and is none."""
CONTRAST = 10
"""How often such a sentence counts."""
MAY_BE_GRAVE = frozenset({"request", "legal", "mediation", "wish"})
"""What is asked for first in the same words as in danger; what else is asked for is none."""
SMOOTHING = 0.25
SHORTEST = 4
"""Fewer characters are too few to judge."""
SURE, EXPLAINED = 2.0, 1.5
"""From which log odds, over the root of how much was said, a clause is taken for danger; and what
is asked for more where a word of an everyday matter explains what is said."""


@dataclass(slots=True)
class _Learnt:
    by_kind: dict[str, Counter[str]]
    danger: Counter[str]
    other: Counter[str]
    dangers: int
    others: int


def _parts(clause: str) -> set[str]:
    return {*clause, *(clause[i : i + 2] for i in range(len(clause) - 1))}


@cache
def _learnt() -> _Learnt:
    learnt = _Learnt({}, Counter(), Counter(), 0, 0)
    with (DATA / "meaning" / "dangers.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            parts = _parts(GAP.sub("", simplified(row["text"])))
            if row["kind"] == HARMLESS:
                learnt.other.update(dict.fromkeys(parts, CONTRAST))
                learnt.others += CONTRAST
            else:
                learnt.by_kind.setdefault(row["kind"], Counter()).update(parts)
                learnt.danger.update(parts)
                learnt.dangers += 1
    asked = (text for target, text in first_messages() if target not in MAY_BE_GRAVE)
    for text in (
        *asked,
        *(example.text for example in examples()),
        *(text for _, text in wordings()),
    ):
        for clause in GAP.split(text.lower()):
            learnt.other.update(_parts(clause))
            learnt.others += 1
    return learnt


@cache
def _speaks(part: str) -> float:
    """The log odds of danger where `part` is said; 0 for what was never seen."""
    learnt = _learnt()
    seen, unseen = learnt.danger[part], learnt.other[part]
    if not seen and not unseen:
        return 0.0
    # What neither has more often than the other says nothing, however many sentences each has.
    return math.log((seen + SMOOTHING) / learnt.dangers) - math.log(
        (unseen + SMOOTHING * learnt.others / learnt.dangers) / learnt.others
    )


def sounds_like(clauses: list[str]) -> str | None:
    """The kind of danger that a clause, or all of them together, tells of; None when none does."""
    bare = [GAP.sub("", clause) for clause in clauses]
    told = [_parts(clause) for clause in {*bare, "".join(bare)} if len(clause) >= SHORTEST]
    if not told or all(map(asks_nothing, bare)):
        return None
    surest = max(told, key=_odds)
    if _odds(surest) < SURE + EXPLAINED * any(map(_everyday, bare)):
        return None
    by_kind = _learnt().by_kind
    return max(by_kind, key=lambda kind: _kin(by_kind[kind], surest))


def _everyday(clause: str) -> bool:
    """Whether a word of a kind that no danger belongs to stands in the clause."""
    return any(_is_everyday(word) for _, word in found(clause) if len(word) > 1)


def _is_everyday(word: str) -> bool:
    named = {key for key, _ in lexicon()[word].categories}
    return bool(named) and not named & _grave()


@cache
def _grave() -> frozenset[str]:
    """The kinds of matter that dangers belong to."""
    rows = table("meaning/dangers").values()
    return frozenset(row["category"] for row in rows if isinstance(row, dict))


def _odds(parts: set[str]) -> float:
    return sum(map(_speaks, parts)) / math.sqrt(len(parts))


def _kin(counts: Counter[str], parts: set[str]) -> float:
    whole = sum(counts.values())
    return sum(math.log((counts[part] + 0.1) / (whole + 1)) for part in parts if _speaks(part) > 0)
