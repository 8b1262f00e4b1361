"""Periods as an admin names them, seen from Tuesday 9 March 2027."""

from __future__ import annotations

from datetime import date

import pytest

from storage.periods import period_in

TODAY = date(2027, 3, 9)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("今天", "2027-03-09", "2027-03-09"),
        ("昨天", "2027-03-08", "2027-03-08"),
        ("这周", "2027-03-08", "2027-03-14"),
        ("上个礼拜", "2027-03-01", "2027-03-07"),
        ("上上周", "2027-02-22", "2027-02-28"),
        ("这个月", "2027-03-01", "2027-03-31"),
        ("上个月", "2027-02-01", "2027-02-28"),
        ("shang ge yue", "2027-02-01", "2027-02-28"),
        ("上上个月", "2027-01-01", "2027-01-31"),
        ("二月", "2027-02-01", "2027-02-28"),
        ("2月份", "2027-02-01", "2027-02-28"),
        ("十二月", "2026-12-01", "2026-12-31"),
        ("去年二月", "2026-02-01", "2026-02-28"),
        ("2025年11月", "2025-11-01", "2025-11-30"),
        ("今年", "2027-01-01", "2027-12-31"),
        ("去年", "2026-01-01", "2026-12-31"),
        ("前年", "2025-01-01", "2025-12-31"),
        ("2024年", "2024-01-01", "2024-12-31"),
        ("第三季度", "2026-07-01", "2026-09-30"),
        ("一季度", "2027-01-01", "2027-03-31"),
        ("去年四季度", "2026-10-01", "2026-12-31"),
        ("上个季度", "2026-10-01", "2026-12-31"),
        ("上半年", "2027-01-01", "2027-06-30"),
        ("去年下半年", "2026-07-01", "2026-12-31"),
        ("最近7天", "2027-03-03", "2027-03-09"),
        ("近三个月", "2027-01-01", "2027-03-31"),
    ],
)
def test_what_a_period_is(text: str, first: str, last: str) -> None:
    found = period_in(text, TODAY)
    assert found is not None
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert found.rest == ""


@pytest.mark.parametrize("text", ["", "三率", "数字", "13月", "楼道灯不亮", "0个月", "12号"])
def test_what_names_no_period(text: str) -> None:
    assert period_in(text, TODAY) is None


def test_the_rest_is_kept() -> None:
    found = period_in("上个月的三率", TODAY)
    assert found is not None
    assert found.rest == "的3率"
