"""The picture of a report: no glyph is missing, and it is as large as a phone's screen is wide."""

from __future__ import annotations

import io
import tomllib
import warnings
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.reporting import picture
from bot.reporting.picture import GETA, draw, drawable
from bot.reporting.words import Bar, Rate, Sheet, Table, Tile
from storage.posts import Role
from storage.roles import label
from storage.rules import shipped
from storage.services import kinds

TEMPLATES = Path(picture.__file__).parents[2] / "templates"
RARE = "\u9f98\U00030edd"  # 龘 and 𰻝: not in GB 2312


def sheet(**changes: Any) -> Sheet:
    rate = Rate("响应率", "92.3%", 0.923, "该答复 120 件", "还没答复 2.5%")
    given: dict[str, Any] = {
        "title": "莲花池社区",
        "subtitle": "2026.3.1 – 2026.3.31",
        "rates": [rate] * 3,
        "counts": [("收到", "120")] * 6,
        "tiles": [Tile("按时率", "88.0%", "88/100 件")] * 5,
        "bars_title": "在哪一级办结",
        "bars": [Bar("网格", 0.6, "60.0%", "60 件，用时中位 5.5 小时")],
        "table": Table("各处比较", ("", "a", "b", "c", "d"), [("荷香苑", "1", "2", "3", "4")], ""),
        "foot": ["没回话的不算解决。"],
        "missing_note": "〓 是字库里没有的字",
    }
    return Sheet(**{**given, **changes})


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in strings(part)]


def test_every_character_that_can_stand_in_it_is_in_the_font() -> None:
    words = tomllib.loads((TEMPLATES / "words.toml").read_text("utf-8"))
    shown = [key for key in ("figure", "rung", "span", "means", "sheet", "part") if words[key]]
    texts = [text for key in shown for text in strings(words[key])]
    texts += [(TEMPLATES / "report" / "picture.j2").read_text("utf-8").replace("\n", "")]
    texts += [kind.label for kind in kinds().values()]
    texts += [service.label for service in shipped().values()]
    texts += [label(role) for role in Role]
    assert len("".join(texts)) > 1000
    missing = {c for text in texts for c in text if drawable(c) != c}
    assert missing == set()


def test_a_rare_character_falls_back_visibly() -> None:
    assert drawable("青禾" + RARE) == "青禾" + GETA * 2
    assert drawable(GETA) == GETA
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # "Glyph ... missing from font"
        plain = draw(sheet())
        rare = draw(sheet(title="莲花池" + RARE))
    assert plain != rare
    row = Table("各处比较", ("", "a", "b", "c", "d"), [(RARE, "1", "2", "3", "4")], "")
    assert draw(sheet(table=row)) != draw(sheet(table=row, missing_note="〓"))
    assert draw(sheet()) == draw(sheet(missing_note="〓")), "the note stands where it is needed"


def test_the_fallback_is_no_empty_box() -> None:
    """What a font draws for a character that it lacks is not what stands there."""
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(picture.FONT))
    assert font.get_char_index(ord(GETA)) != 0
    assert font.get_char_index(ord(RARE[1])) == 0


def test_it_is_upright_and_as_wide_as_a_phone() -> None:
    image = Image.open(io.BytesIO(draw(sheet())))
    assert image.size[0] == 1080
    assert image.size[1] > image.size[0]
    assert sum(image.size) < 10000, "Telegram takes no photo whose sides add up to more"
    assert max(image.size) / min(image.size) < 20


def test_words_that_look_like_mathematics_stay_words() -> None:
    assert draw(sheet(title="$x^2$ 小区")) != draw(sheet(title="x 小区"))


@pytest.mark.parametrize("many", [0, 12])
def test_it_grows_with_what_is_in_it(many: int) -> None:
    table = Table("各处比较", ("", "a", "b", "c", "d"), [("荷香苑", "1", "2", "3", "4")] * many, "")
    high = Image.open(io.BytesIO(draw(sheet(table=table)))).size[1]
    assert high == Image.open(io.BytesIO(draw(sheet(table=None)))).size[1] + 94 + 66 * (many + 1)


def test_the_licence_stands_beside_the_font() -> None:
    text = (picture.FONT.parent / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert picture.FONT.name in text
