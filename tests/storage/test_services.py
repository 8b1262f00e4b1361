"""Services as rows: what a list says of them, and that a rule never loses a ticket."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from bot.commands.county import app
from bot.wording import TEMPLATES, Wording
from storage import audit, rules
from storage.audit import AuditLine
from storage.importing import heading_of, headings, import_file, service_lines
from storage.importing.service_cells import (
    FIELDS,
    LONGEST,
    amended,
    blank,
    duration_written,
    minutes_in,
    written,
)
from storage.posts import Role
from storage.rules import Asked, BadRule, Rung, Service, ServiceRule, check, read, shipped
from storage.services import kinds
from tests.storage.county import NOON, Corner
from tests.storage.lists import Take, place, take, write_csv

__all__ = ["place", "take"]

REASONS = tomllib.loads((TEMPLATES / "import/reasons.toml").read_text("utf-8"))

NEW = ["陪诊服务", "网格员"]


def counts(report: Any) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.bad)


# Rules


@pytest.mark.parametrize("key", list(shipped()))
def test_what_the_program_ships_is_fit_to_be_used(key: str) -> None:
    service = shipped()[key]
    check(service, kinds(), shipped())
    assert read(key, rules.written(service)) == service
    assert service.opening or key == "human"


WISH = shipped()["wish"]
SAFETY_HINT = shipped()["safety"].hint
TOP = Rung("county", (Role.ADMIN,), 60, 60)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ladder": ()}, "no_ladder"),
        ({"ladder": (replace(TOP, roles=()),)}, "bad_rung"),
        ({"ladder": (replace(TOP, late="wait"),)}, "bad_rung"),
        ({"ladder": (replace(TOP, claim=0),)}, "limit_range"),
        ({"ladder": (replace(TOP, solve=10**6),)}, "limit_range"),
        ({"ladder": (TOP, replace(TOP, level="grid"))}, "role_twice"),
        ({"ladder": (replace(TOP, roles=(Role.ADMIN, Role.ADMIN)),)}, "role_twice"),
        ({"privacy": "confidential"}, "confidential_to_neighbours"),
        ({"privacy": "confidential", "ladder": (TOP,)}, "confidential_to_neighbours"),
        ({"privacy": "nobody"}, "no_privacy"),
        ({"kinds": "some"}, "unknown_kind"),
        ({"kinds": ("weather",)}, "unknown_kind"),
        ({"warn": (50, 120)}, "bad_warn"),
        ({"joinable": True}, "joinable_private"),
        ({"label": "。"}, "no_label"),
        ({"questions": (Asked("a", "几点？", kind="video"),)}, "bad_question"),
        ({"questions": (Asked("a", "几点？", "pick", ("早", "早")),)}, "bad_question"),
    ],
)
def test_a_rule_that_could_lose_a_ticket(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRule) as caught:
        check(replace(WISH, **changes), kinds(), shipped())
    assert caught.value.reason_key == reason


def test_what_must_stay_and_what_must_differ() -> None:
    for key in ("request", "human"):
        with pytest.raises(BadRule, match="must_stay"):
            check(replace(shipped()[key], active=False), kinds())
    taken = replace(WISH, words=("法律求助",))
    with pytest.raises(BadRule, match="word_taken"):
        check(taken, kinds(), shipped())
    switched_off = {**shipped(), "legal": replace(shipped()["legal"], active=False)}
    check(taken, kinds(), switched_off)  # nobody can mean that one


def test_a_new_key_is_a_free_one() -> None:
    assert rules.new_key("陪诊服务", ["wish"]) == "peizhenfuwu"
    assert rules.new_key("陪诊服务", ["peizhenfuwu", "peizhenfuwu2"]) == "peizhenfuwu3"
    assert len(rules.new_key("长" * 40, [])) <= 32


def test_a_change_is_a_version_and_the_old_one_stays(session: Session) -> None:
    first = rules.current(session)["wish"]
    second = rules.change(session, replace(first, privacy="open"), NOON, None)
    assert (second.version, rules.current(session)["wish"]) == (2, second)
    assert rules.of_version(session, "wish", 1) == first
    assert rules.change(session, second, NOON, None).version == 2  # the same again
    assert list(rules.current(session)) == list(shipped())


# Cells


@pytest.mark.parametrize("key", list(shipped()))
def test_cells_say_the_whole_rule(key: str) -> None:
    service = shipped()[key]
    cells = {field: written(service, field) for field in FIELDS}
    assert amended(service, cells) == service
    from_nothing = amended(blank(key, like=shipped()["request"]), cells)
    assert {field: written(from_nothing, field) for field in FIELDS} == cells
    assert all(len(text) <= LONGEST.get(field, 200) for field, text in cells.items())


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30分钟", 30),
        ("半小时", 30),
        ("半个小时", 30),
        ("１.5 小时", 90),
        ("一个半小时", 90),
        ("两个钟头", 120),
        ("半天", 240),
        ("3个工作日", 1440),
        ("十五天", 7200),
        ("2", None),
        ("小时", None),
        ("尽快", None),
        ("-2小时", None),
        ("", None),
    ],
)
def test_durations(text: str, minutes: int | None) -> None:
    assert minutes_in(text, every_minute=False) == minutes


def test_a_day_has_24_hours_where_nights_count() -> None:
    assert minutes_in("2天", every_minute=True) == 2880
    assert minutes_in("2个工作日", every_minute=True) == 960
    for every_minute in (True, False):
        for minutes in (1, 60, 90, 480, 960, 1440, 2880, 10080):
            text = duration_written(minutes, every_minute)
            assert minutes_in(text, every_minute) == minutes


def test_a_ladder_keeps_the_limits_of_its_levels() -> None:
    told = amended(WISH, {"ladder": "网格：网格员→县：部门、管理员", "claim": "半小时"})
    assert told.ladder == (
        Rung("grid", (Role.GRID_WORKER,), 30, 960, "call"),
        Rung("county", (Role.DEPARTMENT, Role.ADMIN), 30, 2400, "call"),
    )


def test_questions_and_how_they_are_answered() -> None:
    text = "对方是谁？（选：邻居/物业）\n几点方便？(可不答)；现场（门口）拍一张（照片）（选填）"
    told = amended(WISH, {"questions": text}).questions
    assert told == (
        Asked("duifangshishui", "对方是谁？", "pick", ("邻居", "物业")),
        Asked("jidianfangbian", "几点方便？", "text", (), True),
        Asked("xianchangmenkoupaiyizhang", "现场（门口）拍一张", "photos", (), True),
    )
    known = shipped()["dispute"]
    assert amended(known, {"questions": "对方是谁？"}).questions[0].key == "with"


def test_the_levels_are_those_that_templates_have_words_for() -> None:
    rungs = Wording("Asia/Shanghai").section("rung")
    rungs.pop("none")  # of figures: nobody had it
    for level, word in rungs.items():
        told = amended(WISH, {"ladder": f"{word}：管理员"})
        assert told.ladder[0].level == level


def test_every_column_has_its_words_in_the_chat() -> None:
    words = Wording("Asia/Shanghai")
    for field in FIELDS:
        facts = {"field": field, "column": heading_of("services", field), "now": ""}
        assert len(words.render("admins/cell", facts, "ask")) > 5
    assert (TEMPLATES / "admins").is_dir()


_CELL = st.lists(
    st.sampled_from(
        [*"、，；：:>→（）()/ \n。？1２半两", "楼栋", "网格", "社区", "网格员", "律师", "管理员",
         "小时", "分钟", "个工作日", "天", "是", "否", "公开", "保密", "昼夜", "自动上报", "选",
         "照片", "可不答", "路灯照明", "跑腿", "几点"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(st.sampled_from(FIELDS), _CELL, st.sampled_from(sorted(shipped())))
def test_whatever_a_cell_says_it_is_a_rule_or_a_reason(field: str, text: str, key: str) -> None:
    """A cell that is taken says the same when it is written and read once more."""
    service = shipped()[key]
    told: Service | None = None
    sentence = ""
    try:
        told = amended(service, {field: text})
        check(told, kinds(), shipped())
    except BadRule as bad:
        told, sentence = None, REASONS[bad.reason_key].format(**bad.facts)
    if told is None:
        assert sentence
        return
    assert amended(service, {field: written(told, field)}) == told
    assert read(key, rules.written(told)) == told


# Lists


def test_a_list_of_what_there_is_changes_nothing(session: Session, tmp_path: Path) -> None:
    lines = service_lines(session)
    assert lines[0] == headings("services")
    assert len(lines) == 1 + len(shipped())
    path = write_csv(tmp_path / "services.csv", lines)
    report = import_file(session, "services", path, dry_run=False, skip_bad=False, now=NOON)
    assert counts(report) == (0, 0, len(shipped()), 0)
    assert {row.version for row in session.scalars(select(ServiceRule))} == {1}


def test_a_new_service_needs_only_a_name(session: Session, take: Take) -> None:
    header = ["名称", "先接的岗位"]
    assert counts(take("services", [NEW], header=header)) == (1, 0, 0, 0)
    assert counts(take("services", [NEW], header=header)) == (0, 0, 1, 0)
    made = rules.current(session)["peizhenfuwu"]
    assert (made.version, made.label, made.privacy) == (1, "陪诊服务", "private")
    assert made.ladder == shipped()["request"].ladder
    check(made, kinds(), rules.current(session))


def test_what_a_list_changes(session: Session, take: Take) -> None:
    header = ["代号", "名称", "接单时限", "停用", "备注"]
    rows = [["wish", "小心愿", "1小时", "", ""], ["", "便民事项", "", "是", ""]]
    tried = take("services", rows, header=header, dry_run=True)
    assert (counts(tried), rules.current(session)["wish"].version) == ((0, 2, 0, 0), 1)
    assert counts(take("services", rows, header=header)) == (0, 2, 0, 0)
    now = rules.current(session)
    assert (now["wish"].label, {rung.claim for rung in now["wish"].ladder}) == ("小心愿", {60})
    assert now["wish"].words == WISH.words  # the list has no such column
    assert (now["convenience"].active, now["convenience"].version) == (False, 2)
    assert counts(take("services", rows, header=header)) == (0, 0, 2, 0)
    audit.write_down(session)
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "service"))
    assert sorted(line.subject for line in lines) == ["service:convenience@2", "service:wish@2"]
    assert audit.verify(session).broken_at is None


def test_two_services_may_swap_their_words(session: Session, take: Take) -> None:
    """Rows are held against each other as they will be, not as they were."""
    rows = [["微心愿", "跑腿、心愿"], ["代办", "代办、愿望"]]
    assert counts(take("services", rows, header=["名称", "开头说的话"])) == (0, 2, 0, 0)


def test_rows_that_clash_with_each_other_are_both_named(take: Take, place: Corner) -> None:
    rows = [["陪诊", "陪我"], ["陪读", "陪我"]]
    report = take("services", rows, header=["名称", "开头说的话"])
    assert [(bad.row_number, bad.reason_key) for bad in report.bad] == [
        (2, "word_taken"),
        (3, "word_taken"),
    ]


def test_the_example_of_the_how_to_works_as_it_stands(session: Session) -> None:
    path = Path(__file__).parents[2] / "docs/examples/services.csv"
    report = import_file(session, "services", path, dry_run=False, skip_bad=False, now=NOON)
    assert counts(report) == (1, 1, 0, 0), report.bad
    safety = rules.current(session)["safety"]
    assert (safety.questions, safety.hint) == (shipped()["safety"].questions, SAFETY_HINT)
    assert [rung.solve for rung in safety.ladder] == [240, 480, 480, 1440, 2880]


def test_export_and_import_as_an_operator_runs_them(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "test.key"))
    command = CliRunner()
    path = tmp_path / "services.csv"
    out = command.invoke(app, ["export", "services", str(path)])
    assert out.exit_code == 0, out.output
    assert f"共 {len(shipped())} 行" in out.output
    lines = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    claim = lines[0].index("接单时限")
    wish = next(line for line in lines if line[0] == "wish")
    for text, status, said in (("半小时", 0, "更新 1"), ("看情况", 1, "第 3 行：“接单时限”里的")):
        wish[claim] = text
        write_csv(path, lines)
        done = command.invoke(app, ["import", "services", str(path)])
        assert (done.exit_code, said in done.output) == (status, True), done.output
    for bad in (tmp_path / "services.xlsx", tmp_path / "nowhere" / "services.csv"):
        assert command.invoke(app, ["export", "services", str(bad)]).exit_code == 1
