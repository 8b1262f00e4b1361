"""Days as people write them: 明天, 下周一, 12月1日, 1号, 三天后."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

_WORDS = {
    "大后天": 3,
    "后天": 2,
    "明天": 1,
    "明日": 1,
    "明儿": 1,
    "今天": 0,
    "今日": 0,
    "今儿": 0,
    "现在": 0,
}
_WEEKDAYS = "一二三四五六日"
_NUMERALS = "零一二三四五六七八九"
_WEEK = re.compile(r"(下下|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天1-7])")
_FULL = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})")
_MONTH_AND_DAY = re.compile(r"(明年)?(\d{1,2})[月./-](\d{1,2})")
_DAY = re.compile(r"(下个?月)?(\d{1,2})[号日]")
_LATER = re.compile(r"(\d{1,3})天[以之]?后")
_COUNT = re.compile(r"(半|\d{1,3})个?(天|周|星期|礼拜|月)")
_CHINESE = re.compile(r"[一二两三四五六七八九十]+(?=个?(?:月|号|日|天|周|星期|礼拜))")
JUST_OVER = timedelta(days=60)
"""A day without a year that is over no longer than this is meant as it is, not next year's."""


def day_in(text: str, today: date) -> date | None:
    """The day that a text names, as seen from `today`; None when it names none.

    A bare weekday or day of the month is the next one, today's included. 下周一 is the Monday of
    the week that begins next. A day without a year is this year's, or next year's when this year's
    is long over.
    """
    plain = _plain(text)
    found = _week(plain, today)
    if found:
        return found
    for word, days in _WORDS.items():
        if word in plain:
            return today + timedelta(days=days)
    if match := _LATER.search(plain):
        return today + timedelta(days=int(match.group(1)))
    if match := _FULL.search(plain):
        return _date(*(int(part) for part in match.groups()))
    if match := _MONTH_AND_DAY.search(plain):
        return _in_year(int(match.group(2)), int(match.group(3)), today, bool(match.group(1)))
    if match := _DAY.search(plain):
        return _day_of_month(int(match.group(2)), today, bool(match.group(1)))
    return None


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
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return _CHINESE.sub(lambda match: str(_number(match.group())), plain)


def _number(words: str) -> int:
    words = words.replace("两", "二")
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return int("".join(str(_NUMERALS.index(word)) for word in words))
    return (_NUMERALS.index(tens[0]) if tens else 1) * 10 + (
        _NUMERALS.index(ones[0]) if ones else 0
    )


def _week(plain: str, today: date) -> date | None:
    match = _WEEK.search(plain)
    if match is None:
        return None
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
