"""Guides as data: what the program comes with, lists of them, and how well words find them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from benchmarks.guides import PARTS, measured
from storage import guides
from storage.guide_search import find
from storage.importing import EXPORTS, Kind
from tests.storage.county import Corner
from tests.storage.lists import BAD_GUIDES, Take, place, take

__all__ = ["place", "take"]

GUIDES, FAQS = guides.shipped()


def test_what_the_program_comes_with() -> None:
    assert len(GUIDES) >= 30
    assert len(FAQS) >= 80
    assert {guide.group for guide in GUIDES} == set(guides.groups())
    assert len({guide.key for guide in GUIDES}) == len(GUIDES)
    assert len({faq.key for faq in FAQS}) == len(FAQS)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.key)
def test_a_guide_is_whole(guide: guides.Guide) -> None:
    for field in ("title", "what", "who", "place", "hours", "takes", "cost", "phone"):
        assert getattr(guide, field), field
    assert guide.papers
    assert len(guide.steps) >= 2
    assert guide.checked_on is None, "nobody of a county has checked it"
    assert len(guide.what) <= 50, "one sentence"
    assert len({paper.name for paper in guide.papers}) == len(guide.papers)
    assert any(faq.guide == guide.key for faq in FAQS)


def test_every_question_finds_itself() -> None:
    """Its own words, and other words for it, lead to it or at least to its guide."""
    missed = [
        words
        for faq in FAQS
        for words in (faq.question, *faq.words)
        if (found := find(words, GUIDES, FAQS)).faq != faq
        and faq.guide not in {guide.key for guide in found.guides}
    ]
    assert missed == []


def test_every_title_and_word_finds_its_guide() -> None:
    missed = [
        (word, guide.key)
        for guide in GUIDES
        for word in (guide.title, *guide.words)
        if guide not in (found := find(word, GUIDES, FAQS)).guides
        and found.group != guide.group
        and (found.faq is None or found.faq.guide != guide.key)
    ]
    assert missed == []


@pytest.mark.parametrize("part", PARTS)
def test_residents_words_find_what_they_mean(part: str) -> None:
    """Floors a little below what was measured (`python -m benchmarks.guides`)."""
    figures = measured(part)
    assert figures.first >= 0.85, figures.misses
    assert figures.shown >= 0.90, figures.misses
    assert figures.sure_and_wrong <= 2, figures.misses
    assert figures.nonsense_found <= 0.05, figures.misses


def test_planting_again_changes_nothing_and_keeps_what_was_changed(session: Session) -> None:
    dibao = guides.get(session, "dibao")
    assert dibao is not None
    guides.set_guide(session, guides.Guide("dibao", "relief", "低保", checked_on=date(2027, 1, 5)))
    guides.plant(session)
    again = guides.get(session, "dibao")
    assert again is not None
    assert again.checked_on == date(2027, 1, 5)
    assert len(guides.every_guide(session)) == len(GUIDES)
    assert len(guides.every_faq(session)) == len(FAQS)


@pytest.mark.parametrize("kind", ["guides", "faqs"])
def test_what_is_written_out_changes_nothing_when_it_comes_back(
    session: Session, take: Take, kind: Kind
) -> None:
    header, *lines = EXPORTS[kind](session)
    report = take(kind, lines, header=header)
    assert (report.bad, report.unchanged) == ([], len(lines))


def test_a_county_changes_and_adds(session: Session, place: Corner, take: Take) -> None:
    header = [
        "代号", "名称", "分类", "居民怎么说", "要带的材料", "代办步骤", "适用区域", "核对日期",
        "停用",
    ]  # fmt: skip
    relief = "社会救助"
    both = "身份证（原件）；户口簿"
    there = "莲花池社区"
    rows = [
        ["dibao", "低保申请", relief, "低保、吃低保", both, "", "", "2027-01-05", ""],
        ["", "领取菜票", relief, "菜票", "身份证", "登记 > 发票", there, date(2027, 1, 6), "否"],
        ["tekun", "特困供养（五保）", relief, "五保", "身份证", "", "", "", "是"],
    ]
    report = take("guides", rows, header=header, xlsx=True)
    assert (report.bad, report.added, report.changed) == ([], 1, 2)
    dibao = guides.get(session, "dibao")
    assert dibao is not None
    assert dibao.checked_on == date(2027, 1, 5)
    assert [(p.name, p.note) for p in dibao.papers] == [("身份证", "原件"), ("户口簿", "")]
    assert dibao.what, "a column that the list lacks is left alone"
    made = guides.get(session, "lingqucaipiao")
    assert made is not None
    assert made.steps == ("登记", "发票")
    shown = {guide.key for guide in guides.for_home(session, None)}
    assert "tekun" not in shown
    assert made.key not in shown, "it holds in one community only"
    answered = [["菜票在哪里领？", "社区服务大厅。", "领取菜票"]]
    report = take("faqs", answered, header=["问题", "回答", "对应事项"])
    assert (report.bad, report.added) == ([], 1)
    assert [faq.question for faq in guides.faqs_of(session, made.key)] == ["菜票在哪里领？"]


@pytest.mark.parametrize(("kind", "header", "row", "reason"), BAD_GUIDES)
def test_a_bad_row_says_why(
    take: Take, kind: Kind, header: list[str], row: list[str], reason: str
) -> None:
    report = take(kind, [row], header=header)
    assert [bad.reason_key for bad in report.bad] == [reason]


def test_the_examples_of_the_docs(take: Take) -> None:
    folder = Path(__file__).parents[2] / "docs" / "examples"
    kinds: tuple[Kind, ...] = ("guides", "faqs")
    for kind in kinds:
        with open(folder / f"{kind}.csv", encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        report = take(kind, rows, header=header)
        assert report.bad == []
        assert report.added > 0


def test_keys_of_new_guides_are_never_taken() -> None:
    known = {guide.key for guide in GUIDES}
    assert guides.new_key("低保", known) == "dibao2"
