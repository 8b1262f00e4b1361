"""Days as people write them: 明天, 下周一, 12月1日, 1号, 三天后."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

Meant = Callable[[re.Match[str]], date | None]
"""What a match of a way of naming a day means."""

WORDS = Path(__file__).parent / "data" / "times.toml"
_NOW = "现在"
_WEEKDAYS = "一二三四五六日"
_NUMERALS = "零一二三四五六七八九"
_WEEK = re.compile(r"(下下|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天1-7])")
_FULL = re.compile(r"(?<!\d)(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})[号日]?(?!\d)")
_MONTH_AND_DAY = re.compile(
    r"(明年)?(?<![\d:点时.])(\d{1,2})(?:月|[./-](?=\d))(\d{1,2})(?![\d:点时./-])[号日]?"
)
_DAY = re.compile(r"(下个?月)?(?<!\d)(\d{1,2})[号日](?![楼院栋])")
_LATER = re.compile(r"(\d{1,3})(天|个?周|个?星期|个?礼拜)[以之]?后")
_COUNT = re.compile(r"(半|\d{1,3})个?(天|周|星期|礼拜|月)")
_CHINESE = re.compile(
    r"[一二两三四五六七八九十]+(?=个?(?:月|号|日|天|周|星期|礼拜))|(?<=月)[一二三四五六七八九十]+"
)
JUST_OVER = timedelta(days=60)
"""A day without a year that is over no longer than this is meant as it is, not next year's."""


def day_in(text: str, today: date) -> date | None:
    """The day that a text names, as seen from `today`; None when it names none.

    A bare weekday or day of the month is the next one, today's included. 下周一 is the Monday of
    the week that begins next. A day without a year is this year's, or next year's when this year's
    is long over.
    """
    found, _ = days_named(text, today)
    return found[0] if found else None


def days_named(text: str, today: date) -> tuple[list[date | None], str]:
    """Each day that a text names, and the text without them. None: one that no calendar has
    (2月30日)."""
    found: list[date | None] = []
    plain = _plain(text)
    for pattern, meant in _ways(today):

        def take(match: re.Match[str], meant: Meant = meant) -> str:
            found.append(meant(match))
            return " "

        plain = pattern.sub(take, plain)
    return found, plain


def _ways(today: date) -> list[tuple[re.Pattern[str], Meant]]:
    """The ways of naming a day, and what each means; what one takes is gone for the next."""
    soon = _words()["soon"]
    return [
        (_FULL, lambda match: _date(int(match[1]), int(match[2]), int(match[3]))),
        (_MONTH_AND_DAY, lambda m: _in_year(int(m[2]), int(m[3]), today, bool(m[1]))),
        (_WEEK, lambda match: _week(match, today)),
        (_LATER, lambda m: today + timedelta(days=int(m[1]) * (1 if m[2] == "天" else 7))),
        (
            _soon(),
            lambda match: today + timedelta(days=soon.get(match["stem"] or match["full"], 0)),
        ),
        (_DAY, lambda match: _day_of_month(int(match[2]), today, bool(match[1]))),
    ]


@cache
def _words() -> dict[str, Any]:
    day: dict[str, Any] = tomllib.loads(WORDS.read_text("utf-8"))["day"]
    return day


@cache
def _soon() -> re.Pattern[str]:
    """明天, 明儿个, and 明 in 明早; 现在 is today."""
    stems = "|".join(_words()["soon"])
    return re.compile(rf"(?P<full>{stems}){_words()['named']}|{_words()['bare']}|{_NOW}")


def days_in(text: str) -> int | None:
    """How many days a text speaks of (三天, 两周, 半天, 一个月); None when of none."""
    match = _COUNT.search(_plain(text))
    if match is None:
        return None
    number, unit = match.groups()
    if number == "半":
        return {"天": 1, "月": 15}.get(unit)
    return int(number) * {"天": 1, "月": 30}.get(unit, 7) or None


def _plain(text: str) -> str:
    plain = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", unicodedata.normalize("NFKC", text))
    return _CHINESE.sub(lambda match: str(_number(match.group())), plain)


def _number(words: str) -> int:
    words = words.replace("两", "二")
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return int("".join(str(_NUMERALS.index(word)) for word in words))
    return (_NUMERALS.index(tens[0]) if tens else 1) * 10 + (
        _NUMERALS.index(ones[0]) if ones else 0
    )


def _week(match: re.Match[str], today: date) -> date:
    which, name = match.groups()
    number = int(name) - 1 if name.isdigit() else _WEEKDAYS.index(name.replace("天", "日"))
    monday = today - timedelta(days=today.weekday())
    if which in ("下", "下下"):
        return monday + timedelta(days=7 * len(which) + number)
    day = monday + timedelta(days=number)
    return day if which or day >= today else day + timedelta(days=7)


def _in_year(month: int, day: int, today: date, next_year: bool) -> date | None:
    if next_year:
        return _date(today.year + 1, month, day)
    found = _date(today.year, month, day)
    if found is None or today - found > JUST_OVER:
        return _date(today.year + 1, month, day) or found
    return found


def _day_of_month(day: int, today: date, next_month: bool) -> date | None:
    year, month = today.year, today.month
    for step in range(3):
        found = _date(year, month, day)
        if found and found >= today and (step or not next_month):
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
