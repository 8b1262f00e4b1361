"""Opening hours as shops write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from storage.directory.hours import open_now, read_hours

MONDAY = datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("hours", "day", "clock", "expected"),
    [
        ("8:00-20:00", 0, "08:00", True),
        ("8:00-20:00", 0, "20:00", False),
        ("８：００—２０：００", 6, "19:59", True),
        ("24小时", 3, "03:00", True),
        ("全天", 3, "23:59", True),
        ("周一至周五 9:00—17:30", 4, "17:29", True),
        ("周一至周五 9:00—17:30", 5, "12:00", False),
        ("早8点到晚8点", 2, "19:00", True),
        ("早8点到晚8点", 2, "20:30", False),
        ("早上八点至晚上九点半", 2, "21:29", True),
        ("8点到6点", 2, "17:00", True),
        ("17:00-02:00", 2, "01:30", True),
        ("17:00-02:00", 2, "12:00", False),
        ("晚6点-凌晨2点", 2, "23:00", True),
        ("8:00-12:00，14:00-18:00", 1, "13:00", False),
        ("8:00-12:00，14:00-18:00", 1, "15:00", True),
        ("周一到周五9:00-18:00；周末10:00-16:00", 5, "09:30", False),
        ("周一到周五9:00-18:00；周末10:00-16:00", 5, "10:30", True),
        ("周日休息，9:00-18:00", 6, "10:00", False),
        ("9:00～21:00(周三休息)", 2, "10:00", False),
        ("9:00～21:00(周三休息)", 3, "10:00", True),
        ("工作日8:30-17:00", 5, "10:00", False),
        ("周六、周日 9:00-12:00", 6, "10:00", True),
        ("周六、周日 9:00-12:00", 0, "10:00", False),
        ("暂停营业", 0, "10:00", False),
        ("", 0, "10:00", None),
        ("看情况", 0, "10:00", None),
        ("随叫随到", 0, "10:00", None),
        ("99:00-100:77", 0, "10:00", None),
    ],
)
def test_hours(hours: str, day: int, clock: str, expected: bool | None) -> None:
    hour, minute = map(int, clock.split(":"))
    at = MONDAY + timedelta(days=day, hours=hour, minutes=minute)
    assert open_now(hours, at) is expected


def test_a_night_that_began_the_day_before_its_day_off() -> None:
    assert open_now("周一至周五 18:00-02:00", MONDAY + timedelta(days=5, hours=1)) is True
    assert open_now("周一至周五 18:00-02:00", MONDAY + timedelta(hours=1)) is False


@pytest.mark.parametrize(
    "text", ["-", "：", "周", "1", "周一", "8", "：-：", "9" * 500, "周一" * 99]
)
def test_anything_may_stand_there(text: str) -> None:
    assert read_hours(text) is None
