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


@cache
def _next_door() -> re.Pattern[str]:
    words = _words()
    near, home, broke = ("|".join(words[key]) for key in ("near", "near_home", "broke"))
    who = f"{words['numbered']}(?:{_any(words['neighbours'])}|{near}?)"
    return re.compile(
        f"(?:{_any(words['mine'])})?(?P<who>{who})(?:{home}){words['between']}(?:{broke})"
    )


@cache
def _not_theirs() -> re.Pattern[str]:
    return re.compile("|".join(_words()["not_theirs"]))


def next_door(text: str) -> str:
    """Whose home it is, of those who live near by, where something broke there: 隔壁王婆婆 of
    隔壁王婆婆家水管爆了. Empty where it may be the speaker's own matter."""
    said = bare(text)
    match = None if _not_theirs().search(said) else _next_door().match(said)
    return match["who"] if match else ""


@cache
def _where_near() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(_words()['where_near'])})*")


def name_in(neighbour: str) -> str:
    """What of `next_door` is a name: 王婆婆 of 隔壁王婆婆; empty where it only says where."""
    name = _where_near().sub("", neighbour, count=1)
    return name if len(name) > 1 else ""


@dataclass(frozen=True, slots=True)
class Written:
    """For whom somebody writes: what the bot calls them (奶奶, 隔壁婆婆); whether that
    is one of the family; and what is said besides."""

    who: str
    of_family: bool
    rest: str


@cache
def _writes() -> list[re.Pattern[str]]:
    words = _words()
    family, near = _any(_kin()), "|".join(words["writes_near"])
    who = f"(?:{_any(words['mine'])})?(?:(?P<kin>{family})|(?P<near>{near}))"
    return [
        re.compile(
            f"(?:{_any(words['said_for'])}){who}(?:{_any(words['home'])})?{words['writes']}"
            f"(?!{words['writes_not']})"
        ),
        re.compile(f"{who}{words['told_to']}(?!{words['told_not']})"),
        re.compile(f"{who}{words['cannot']}"),
    ]


def written_for(text: str) -> Written | None:
    """For whom somebody else has taken the phone: 我奶奶叫我写的 她屋头灯坏了, 帮我妈写."""
    said = bare(text)
    for at, pattern in enumerate(_writes()):
        found = pattern.search(said[: _words()["writes_within"] + 24])
        if found is None or found.start() > _words()["writes_within"]:
            continue
        theirs = _kin().get(found["kin"] or "")
        if theirs is not None and at > 0 and theirs.called in _words()["younger"]:
            continue
        rest = re.sub(_words()["writer"], "", said[: found.start()]) + said[found.end() :]
        return Written(theirs.called if theirs else found["near"], theirs is not None, rest)
    return None


def is_she(name: str) -> bool:
    """Whether a name tells that it is a woman's: 张奶奶, 隔壁王婆婆."""
    return bare(name).endswith(tuple(_words()["women"]))


def told_for_another(text: str) -> bool:
    """Whether it begins as what somebody tells for another does: 帮我妈报个灯坏了, 替隔壁说一声."""
    found = _told().match(bare(text))
    return found is not None and (not found["said"] or found["for"] in _words()["said_for"])
