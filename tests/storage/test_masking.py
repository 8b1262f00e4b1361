"""What of a resident's words a neighbour may read."""

from __future__ import annotations

import pytest

from storage import masking


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("打19912345678", "打＊"),
        ("打 199 1234 5678 找我", "打 ＊ 找我"),
        ("电话一九九一二三四五六七八", "电话＊"),
        ("住1单元302，漏水", "住＊，漏水"),
        ("一单元三楼漏水", "＊漏水"),
        ("3-502漏水", "＊漏水"),
        ("我叫王桂英，灯坏了", "＊，灯坏了"),
        ("找李阿姨", "找＊"),
        ("微信 wang1958 加我", "微信 ＊ 加我"),
        ("3栋的灯坏了2天", "3栋的灯坏了2天"),
    ],
)
def test_masked(said: str, shown: str) -> None:
    assert masking.without_who(said) == shown


def test_known_names_are_masked() -> None:
    assert masking.without_who("王桂英家漏水", ["王桂英", ""]) == "＊家漏水"
