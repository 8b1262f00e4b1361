"""When a channel is left alone, and who may try it meanwhile."""

from __future__ import annotations

import pytest
import structlog

from bot.rests import MOST_TROUBLES, Rests
from bot.shut_out import ShutOut


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def rests(clock: Seconds) -> Rests:
    return Rests(clock)


def fails(
    rests: Rests, *chats: str, began: float = 0.0, answer: bool = False, first: bool = True
) -> None:
    for chat in chats:
        rests.trouble("telegram", chat, began, answer=answer, first=first)


def test_a_few_chats_are_no_reason_to_rest_and_one_more_is(rests: Rests) -> None:
    fails(rests, "1", "2", "2", "2")
    assert rests.left("telegram") == 0
    fails(rests, "3")
    assert rests.left("telegram") == 1.0


def test_what_arrives_meanwhile_says_that_all_is_well(rests: Rests, clock: Seconds) -> None:
    fails(rests, "1", "2")
    clock.now = 0.1
    rests.went_through("telegram", 0.0)
    fails(rests, "3", "4", "5", "6", began=0.05)
    assert rests.left("telegram") == 0, "they left before it was seen that something arrives"
    fails(rests, "3", "4", "5", began=0.1)
    assert rests.left("telegram") > 0


def test_many_that_fail_together_are_one_trouble(rests: Rests, clock: Seconds) -> None:
    """It was a rest of 16 s at once: each three of 32 calls that were under way doubled it."""
    clock.now = 0.5
    fails(rests, *map(str, range(32)))
    assert rests.left("telegram") == 1.0
    clock.now = 2.0
    fails(rests, "1", "2", "3", began=1.6)
    assert rests.left("telegram") == 2.0, "it was tried again and is no better"


def test_what_failed_before_says_nothing_of_the_others(rests: Rests) -> None:
    fails(rests, *map(str, range(32)), first=False)
    assert rests.left("telegram") == 0


def test_while_only_notices_have_trouble_one_answer_at_a_time_tries(
    rests: Rests, clock: Seconds
) -> None:
    fails(rests, "1", "2", "3")
    assert rests.left("telegram", answer=True) == 0
    assert rests.places("telegram", answer=True) == 1
    assert rests.places("telegram", answer=False) == 0
    assert "telegram" not in rests.now()
    fails(rests, "9", began=0.0, answer=True)
    assert rests.left("telegram", answer=True) == 1.0, "now they know that answers do not arrive"
    assert "telegram" in rests.now()
    clock.now = 1.0
    assert rests.places("telegram", answer=True) == rests.places("telegram", answer=False) == 3


def test_an_answer_that_arrives_ends_the_rest_of_all(rests: Rests, clock: Seconds) -> None:
    fails(rests, "1", "2", "3")
    clock.now = 0.3
    rests.went_through("telegram", 0.2)
    assert rests.left("telegram") == 0
    assert not rests.on_trial("telegram")


def test_answers_rest_too_when_they_had_trouble(rests: Rests) -> None:
    fails(rests, "1", "2")
    fails(rests, "3", answer=True)
    assert rests.left("telegram", answer=True) == 1.0


def test_asked_to_wait_everybody_waits(rests: Rests) -> None:
    rests.pause("telegram", 4)
    assert rests.left("telegram", answer=True) == 4
    rests.went_through("telegram", 0.0)
    assert rests.left("telegram", answer=True) == 4, "it left before the refusal"


def test_the_log_says_it_once_and_again_when_all_is_well(rests: Rests, clock: Seconds) -> None:
    with structlog.testing.capture_logs() as logs:
        for _ in range(20):
            rests.pause("telegram", 3)
        clock.now = 3.5
        rests.went_through("telegram", 3.2)
        rests.went_through("telegram", 3.3)
        for second in range(4, 64):
            clock.now = second
            fails(rests, *map(str, range(MOST_TROUBLES)), began=second)
        clock.now = 100
        rests.went_through("telegram", 99.0)
    assert [(line["event"], line["channel"]) for line in logs] == [
        ("channel asks to wait", "telegram"),
        ("channel is well again", "telegram"),
        ("channel rests", "telegram"),
        ("channel is well again", "telegram"),
    ]
    assert [line.get("seconds") for line in logs[::2]] == [3, 1.0]
    assert [line.get("after") for line in logs[1::2]] == [3.5, 96]


def test_a_long_rest_is_said_about_once_a_minute(rests: Rests, clock: Seconds) -> None:
    with structlog.testing.capture_logs() as logs:
        for second in range(600):
            clock.now = second
            fails(rests, *map(str, range(MOST_TROUBLES)), began=second)
    assert 8 <= len(logs) <= 10


def test_who_shuts_us_out_is_counted_and_not_said_one_by_one() -> None:
    shut_out = ShutOut()
    with structlog.testing.capture_logs() as logs:
        for second in range(200):
            if second < 90:
                shut_out.add("telegram", second)
            shut_out.say(second)
    assert [(line["event"], line["count"]) for line in logs] == [
        ("blocked by chats", 61),
        ("blocked by chats", 29),
    ]
