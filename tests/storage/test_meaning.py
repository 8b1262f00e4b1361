"""What the words mean, measured on sentences that nothing was tuned on.

`tests/data/meaning.tsv`: the half `tune` may be looked at when words are added, the half `measure`
only counts. The floors stand a little under what was measured. Run with -s to see every miss, or
`python -m bot classify --report`. `tests/data/meaning_fresh.tsv` was written later, before anything
was tuned for it: letters, titles and short messages with their class, and messages of danger.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from storage.meaning import Meaning, classify, kinds
from storage.meaning.files import DATA, examples, official_classes, table, wordings
from storage.services import likely

LABELLED = Path(__file__).parents[1] / "data" / "meaning.tsv"
FRESH = LABELLED.with_name("meaning_fresh.tsv")
FIELDS = ("service", "category", "official_class", "urgency")

LIFE = (
    "我今年四十八岁，老家在山区，从小家里穷，读书不多，十八岁出来打工，在广东进过厂，摆过地摊，后来回到县里开了个小店，生意不好也不坏。"
    "妻子在家带孩子，母亲七十多岁，身体不太好，弟弟在部队当兵，妹妹嫁到外省。"
    "一家人平平淡淡，邻里关系一直很好，从来没有和人红过脸。"
    "平时我喜欢看新闻，知道国家现在政策好，对老百姓关心，心里很感激，也常跟孩子说要好好读书，将来报效国家。"
)
"""What a letter may begin with that says nothing about its matter."""

Row = dict[str, str]


def rows(half: str, labelled: Path = LABELLED) -> list[Row]:
    with labelled.open(encoding="utf-8", newline="") as file:
        table_ = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in table_ if row["half"] == half]


@pytest.fixture(scope="module")
def measured() -> list[tuple[Row, Meaning]]:
    return [(row, classify(row["text"])) for row in rows("measure")]


def share(read: list[tuple[Row, Meaning]], field: str) -> float:
    misses = [(row, meaning) for row, meaning in read if getattr(meaning, field) != row[field]]
    for row, meaning in misses:
        print(f"{field}: {row['text']}: {row[field]} → {getattr(meaning, field)}")
    return 1 - len(misses) / len(read)


@pytest.mark.parametrize(
    ("field", "floor"),
    [("service", 0.91), ("category", 0.88), ("official_class", 0.9), ("urgency", 0.96)],
)
def test_accuracy(measured: list[tuple[Row, Meaning]], field: str, floor: float) -> None:
    assert share(measured, field) >= floor


@pytest.mark.parametrize(("style", "floor"), [("letter", 0.93), ("title", 0.89), ("short", 0.92)])
def test_the_class_of_what_was_written_later(style: str, floor: float) -> None:
    read = [(r, classify(r["text"])) for r in rows("measure", FRESH) if r["style"] == style]
    assert len(read) >= 35
    assert share(read, "official_class") >= floor


def test_what_a_letter_is_about_may_come_late() -> None:
    titled = [r for r in rows("measure", FRESH) if re.match("[^：，。]{4,40}：", r["text"])]
    late = [(r, classify(r["text"].replace("：", f"：{LIFE}", 1))) for r in titled]
    assert len(late) >= 50
    assert share(late, "official_class") >= 0.9


def test_the_labelled_set_is_as_large_as_it_says() -> None:
    assert len(rows("measure")) >= 400
    assert len(rows("tune")) >= 250
    assert {row["category"] for row in rows("measure")} == set(kinds())
    assert {row["official_class"] for row in rows("measure")} == set(official_classes())


def test_nothing_measured_is_learnt_from() -> None:
    measured = {row["text"] for row in rows("measure")}
    assert not measured & {row["text"] for row in rows("tune")}
    assert not measured & {example.text for example in examples()}
    fresh = {row["text"] for row in rows("measure", FRESH)}
    assert not fresh & {row["text"] for row in rows("tune", FRESH)}
    assert not (fresh | measured) & {text for _, text in wordings()}
    assert not fresh & {example.text for example in examples()}
    with (DATA / "meaning" / "dangers.tsv").open(encoding="utf-8", newline="") as file:
        sounding = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        assert not fresh & {row["text"] for row in sounding}


def test_every_kind_has_a_class_of_the_taxonomy() -> None:
    with (DATA / "complaint_taxonomy.csv").open(encoding="utf-8", newline="") as file:
        first_level = {row["class1"] for row in csv.DictReader(file)}
    assert set(official_classes()) == first_level == set(table("meaning/classes"))
    assert {kind.official_class for kind in kinds().values()} == first_level


@pytest.mark.parametrize("nothing", ["", " ", "？？？", "asdfgh", "12345678", "😀", "\x00\ud800"])
def test_nothing_means_nothing(nothing: str) -> None:
    meaning = classify(nothing)
    assert (meaning.category, meaning.confidence, meaning.alternatives) == ("other", 0.0, ())
    assert not meaning.urgent
    assert likely(nothing) == []


def test_the_likely_kinds_are_the_alternatives() -> None:
    meaning = classify("楼上漏水，下水道也堵了")
    assert meaning.alternatives[0] == (meaning.category, meaning.confidence)
    assert [kind.key for kind in likely("楼上漏水，下水道也堵了", 2)] == [
        key for key, _ in meaning.alternatives[:2]
    ]


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("路灯坏了", "lighting"),
        ("ludeng huai le", "lighting"),
        ("樓道燈壞了", "lighting"),
        ("路登坏了", "lighting"),
        ("下水道堵了", "drains"),
        ("漏水", "leak_repair"),
        ("diàntī坏了", "lift"),
        ("坝坝头的灯恁个黑", "lighting"),
        ("灯一闪一闪的", "lighting"),
        ("巷巷头黑麻麻", "lighting"),
        ("水停了", "water_power_gas"),
        ("啥时候来电", "water_power_gas"),
    ],
)
def test_however_it_is_written(said: str, category: str) -> None:
    assert likely(said)[0].key == category
