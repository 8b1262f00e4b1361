"""The picture of the network: all of it is there, nothing overlaps, nothing is cut."""

from __future__ import annotations

import io
import itertools
import warnings
from datetime import UTC, datetime

import pytest
from matplotlib.text import Text
from PIL import Image

from bot.reporting.network import MOST_UNITS, Band, Plan, Seated, compose, draw, plan
from bot.reporting.picture import GETA, drawable, text_width, wrapped
from bot.wording import Wording
from handlers.residents.who import Line, NetworkView, Step
from storage import doorstep, place_kinds, roles
from storage.doorstep import Holder
from storage.posts import Role

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RARE = "\u9f98"
"""A character that GB 2312, and so the font, lacks."""


def line(role: Role, *names: str, stands_in_for: str = "") -> Line:
    holders = [Holder(n, name, "", 1, "", stands_in_for) for n, name in enumerate(names)]
    return Line(role.value, roles.label(role), holders, 0, [], "", "网格员李建国", "", "")


def view(units: int = 3, name: str = "李建国", place: str = "莲花池花园3栋") -> NetworkView:
    beside = [line(r, name) for r in (Role.SOCIAL_WORKER, Role.COMMUNITY_OFFICER, Role.LAWYER)]
    beside.append(line(Role.MEDIATOR, *[name] * 3))
    doors = [line(Role.GRID_WORKER, name, stands_in_for=name), line(Role.PROPERTY_MANAGER, name)]
    return NetworkView(
        1,
        place,
        [
            Step("community", line(Role.COMMUNITY_COMMITTEE, name), beside),
            Step("compound", line(Role.COMPOUND_SECRETARY, name), doors),
            Step("building", line(Role.BUILDING_STEWARD), []),
            Step("household", line(Role.LIAISON, name), []),
        ],
        [f"成员单位第{n}家有限责任公司" for n in range(units)],
        f"{place}红色驿站",
    )


LONG = "阿不都热西提·买买提依明·艾合买提江"
VIEWS = {
    "ordinary": view(),
    "no units": view(units=0),
    "many units": view(units=45),
    "long names": view(
        units=12, name=LONG, place="世纪阳光锦绣滨江国际花园城二期东区（安置小区）12栋"
    ),
    "a unit too long for a row": NetworkView(
        1,
        "荷香苑",
        view().steps,
        ["某某省某某市某某县自然资源和规划局不动产登记中心第三分中心"],
        "",
    ),
}


def texts_of(what: Plan) -> list[str]:
    found = [what.title, what.subtitle, what.home, what.foot]
    for band in what.bands:
        found += [band.title, *band.units]
        for seated in (band.lead, *band.beside):
            found += [seated.label, seated.names]
    return [text for text in found if text]


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_is_cut_and_nothing_overlaps(name: str) -> None:
    what = plan(Wording("Asia/Shanghai"), VIEWS[name], NOW)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # "Glyph ... missing from font"
        canvas = compose(what)
        canvas.figure.canvas.draw()
    drawn = [one for one in canvas.axes.texts if one.get_text()]
    boxes = [(one, one.get_window_extent()) for one in drawn]
    width, height = canvas.figure.get_size_inches() * canvas.figure.dpi
    for one, box in boxes:
        assert box.x0 >= 0, one
        assert box.x1 <= width - 36, one
        assert box.y0 >= 0, one
        assert box.y1 <= height, one
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
        assert apart, (one, other)
    _all_is_there(what, drawn)
    assert min(one.get_fontsize() * canvas.figure.dpi / 72 for one in drawn) >= 32


def _all_is_there(what: Plan, drawn: list[Text]) -> None:
    """Every text stands there whole, in as many lines as it takes, one under the other."""
    together = "".join(one.get_text() for one in drawn).replace(" ", "")
    for text in texts_of(what):
        assert text.replace(" ", "") in together


def test_many_units_are_counted_not_dropped() -> None:
    band = plan(Wording("Asia/Shanghai"), VIEWS["many units"], NOW).bands[0]
    assert len(band.units) == MOST_UNITS + 1
    assert "15" in band.units[-1]


def test_a_rare_character_is_shown_as_missing_and_said() -> None:
    what = plan(Wording("Asia/Shanghai"), view(name=f"王{RARE}"), NOW)
    shown = [one.get_text() for one in compose(what).axes.texts]
    assert f"王{GETA}" in shown
    assert what.missing_note in shown
    plain = [
        one.get_text() for one in compose(plan(Wording("Asia/Shanghai"), view(), NOW)).axes.texts
    ]
    assert what.missing_note not in plain


def test_it_is_upright_and_telegram_takes_it() -> None:
    image = Image.open(io.BytesIO(draw(plan(Wording("Asia/Shanghai"), view(), NOW))))
    assert image.size[0] == 1080
    assert 1080 < image.size[1] < 2600, "taller, and a phone shows it too small to read"
    longest = draw(plan(Wording("Asia/Shanghai"), VIEWS["long names"], NOW))
    assert sum(Image.open(io.BytesIO(longest)).size) < 10000


def test_who_is_missing_is_said() -> None:
    what = plan(Wording("Asia/Shanghai"), view(), NOW)
    assert what.bands[2].lead == Seated("楼栋长", "暂缺，先找网格员李建国", vacant=True)
    assert isinstance(what.bands[0], Band)


def test_every_character_that_can_stand_in_it_is_in_the_font() -> None:
    texts = [roles.label(role) for role in Role]
    texts += [kind.label for kind in place_kinds.kinds().values()]
    texts += [word for seat in doorstep.seats().values() for word in (seat.duty, seat.hours)]
    assert {c for text in texts for c in text if drawable(c) != c} == set()


def test_lines_break_where_they_must_and_never_before_a_closing_mark() -> None:
    lines = wrapped("周敏（代李建国）、陈秀兰。", 48, 380)
    assert "".join(lines) == "周敏（代李建国）、陈秀兰。"
    assert all(text_width(one, 48) <= 380 for one in lines)
    assert not any(one[0] in "）、。" for one in lines)
    assert wrapped("", 48, 380) == [""]
    assert wrapped("范海燕、沈振华、张卫东", 48, 380) == ["范海燕、", "沈振华、张卫东"]
    assert wrapped("急事打 110、119、120", 48, 230) == ["急事打", "110、", "119、120"]
    assert "".join(wrapped("》" * 9, 48, 100)) == "》" * 9, "marks alone still end somewhere"
