"""Who of their family somebody speaks of: 我妈, 俺老汉儿, 我外婆屋头 (`storage/data/kin.toml`)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from storage.names import DATA, bare


@dataclass(frozen=True, slots=True)
class Kin:
    """called: what another calls that person to the speaker (妈妈 in 您妈妈). she: or he."""

    called: str
    she: bool


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((DATA / "kin.toml").read_text("utf-8"))


@cache
def _kin() -> dict[str, Kin]:
    words = _words()
    return {
        bare(word): Kin(called, she)
        for she, table in ((True, words["she"]), (False, words["he"]))
        for called, all_words in table.items()
        for word in all_words
    }


def _any(words: list[str] | dict[str, Kin]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _named() -> re.Pattern[str]:
    mine = _any(_words()["mine"])
    return re.compile(f"(?:{mine})?(?P<kin>{_any(_kin())})")


@cache
def _at_home() -> re.Pattern[str]:
    words = _words()
    return re.compile(
        f"(?:{_any(words['mine'])})(?P<kin>{_any(_kin())})(?:{_any(words['home'])})"
        f"(?!{_any(words['not_home'])})"
    )


@cache
def _told() -> re.Pattern[str]:
    words = _words()
    mine, others = _any(words["mine"]), _any(words["others"])
    near, tells_as = "|".join(words["near"]), "|".join(words["tells_as"])
    who = f"(?:{mine})(?P<kin>{_any(_kin())})|(?:{mine})?(?:{others})|(?:{mine})?(?:{near})"
    return re.compile(
        f"(?:{_any(words['asked'])})*(?P<for>{_any(words['behalf'])})(?:{who})"
        f"(?:{_any(words['home'])})?(?!{_any(words['not_told'])})"
        f"(?:{_any(words['tells'])}|(?P<said>{tells_as}))"
    )


def named(text: str) -> Kin | None:
    """The one whom `text` names, when it is nothing else: 我妈, 妈妈, 俺老汉儿."""
    match = _named().fullmatch(bare(text))
    return _kin()[match["kin"]] if match else None


def whose_home(text: str) -> Kin | None:
    """In whose home it is by the words: 我妈家灯坏了, 我外婆屋头漏水."""
    match = _at_home().search(bare(text))
    return _kin()[match["kin"]] if match else None


def told_for_another(text: str) -> bool:
    """Whether it begins as what somebody tells for another does: 帮我妈报个灯坏了, 替隔壁说一声."""
    found = _told().match(bare(text))
    return found is not None and (not found["said"] or found["for"] in _words()["said_for"])
