"""Days as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from storage.dates import day_in, days_in

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-11-24"), ("从明天开始", "2026-11-25"), ("后天吧", "2026-11-26"),
        ("大后天", "2026-11-27"), ("12月1日", "2026-12-01"), ("１２月１号", "2026-12-01"),
        ("十二月一号", "2026-12-01"), ("十二月二十一日", "2026-12-21"), ("12.1", "2026-12-01"),
        ("12-1", "2026-12-01"), ("2026-12-01", "2026-12-01"), ("2027年1月3日", "2027-01-03"),
        ("1月3号", "2027-01-03"), ("明年11月30日", "2027-11-30"), ("下周一", "2026-11-30"),
        ("下星期天", "2026-12-06"), ("下下周五", "2026-12-11"), ("周二", "2026-11-24"),
        ("星期一", "2026-11-30"), ("这周五", "2026-11-27"), ("本周日", "2026-11-29"),
        ("1号", "2026-12-01"), ("24号", "2026-11-24"), ("三十号", "2026-11-30"),
        ("下个月5号", "2026-12-05"), ("三天后", "2026-11-27"), ("11月20日", "2026-11-20"),
        ("2月29日", None), ("31号", "2026-12-31"), ("随便", None), ("", None), ("三天", None),
        ("13月1日", None), ("99号", None),
    ],
)  # fmt: skip
def test_a_day(text: str, day: str | None) -> None:
    found = day_in(text, TUESDAY)
    assert (found and found.isoformat()) == day


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("三天", 3), ("请3天假", 3), ("两周", 14), ("一个星期", 7), ("半天", 1), ("一个月", 30),
        ("十五天", 15), ("0天", None), ("明天", None), ("", None),
    ],
)  # fmt: skip
def test_how_many_days(text: str, days: int | None) -> None:
    assert days_in(text) == days
