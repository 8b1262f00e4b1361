"""Signs in somebody's words that begin a careful talk: weariness of life (轻生), violence at home
(家暴, and against children and the old). The words are in storage/data/crisis/signs.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from storage.meaning import dangers_in
from storage.names import simplified

SIGNS = Path(__file__).parent / "data" / "crisis" / "signs.toml"

SUICIDE, VIOLENCE = "suicide", "violence"
MOST = 4000
"""Characters that are looked through."""
CLAUSE = re.compile(r"[，。！？；,.!?;\s]+")
NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Signs:
    """What somebody's words tell. script: `SUICIDE` or `VIOLENCE`.

    now: it is happening, or the means are at hand. other: it is about somebody else. whom:
    ``child`` or ``elder`` where the violence is against one, else empty.
    """

    script: str
    now: bool
    other: bool
    whom: str = ""


@dataclass(frozen=True, slots=True)
class _Script:
    seen: re.Pattern[str]
    unlike: re.Pattern[str]
    now: re.Pattern[str]
    other: re.Pattern[str]
    own: re.Pattern[str]
    child: re.Pattern[str]
    elder: re.Pattern[str]
    pinyin: tuple[str, ...]
    trust_dangers: bool


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    found = list(patterns)
    return re.compile("|".join(found)) if found else NEVER


@cache
def _scripts() -> tuple[re.Pattern[str], dict[str, _Script]]:
    content = tomllib.loads(SIGNS.read_text("utf-8"))
    names = ("seen", "unlike", "now", "other", "own", "child", "elder")
    return _any(content["not"]), {
        key: _Script(
            **{name: _any(row.get(name, ())) for name in names},
            pinyin=tuple(row["pinyin"]),
            trust_dangers=row.get("trust_dangers", False),
        )
        for key, row in content.items()
        if isinstance(row, dict)
    }


@lru_cache(maxsize=1024)
def signs_in(text: str) -> Signs | None:
    """What `text` tells of danger that is met with a talk of its own; None when of nothing.

    Weariness of life goes before violence: who tells of both is asked about that first.
    """
    plain = simplified(text[:MOST])
    harmless, scripts = _scripts()
    clauses = [one for one in CLAUSE.split(plain) if one and not harmless.search(one)]
    letters = "".join(c for c in plain if c.isascii() and c.isalpha())
    for key, script in scripts.items():
        if _tells(key, script, clauses, text, letters):
            whole = ",".join(clauses)
            own = bool(script.own.search(whole))
            return Signs(
                script=key,
                now=bool(script.now.search(whole)),
                other=not own and bool(script.other.search(whole)),
                whom=_whom(script, whole, own),
            )
    return None


def _tells(key: str, script: _Script, clauses: list[str], text: str, letters: str) -> bool:
    meant = [one for one in clauses if not script.unlike.search(one)]
    if any(script.seen.search(one) for one in meant):
        return True
    if any(_spelled(word, letters) for word in script.pinyin):
        return True
    # What is `unlike` may have been all that looked like danger.
    return script.trust_dangers and bool(meant) and key in dangers_in(",".join(meant))


def _spelled(word: str, letters: str) -> bool:
    """Whether letters hold the word; with a $ behind it, end with it."""
    return letters.endswith(word[:-1]) if word.endswith("$") else word in letters


def _whom(script: _Script, whole: str, own: bool) -> str:
    if own:
        return ""
    if script.elder.search(whole):
        return "elder"
    return "child" if script.child.search(whole) else ""


def is_now(script: str, text: str) -> bool:
    """Whether words of a careful talk tell that it is happening, or that the means are there."""
    return bool(_scripts()[1][script].now.search(simplified(text[:MOST])))
