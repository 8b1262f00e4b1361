"""The pace of sending, against a platform that counts what arrives; all in simulated seconds."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import count
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import Limits, Pace, Slot


class Platform:
    """Refuses what would be more than `most` arrivals within any second."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.accepted: deque[float] = deque()
        self.refused = 0
        self.too_early = 0
        self._closed_until = 0.0

    def take(self, at: float) -> float:
        """0 when it is accepted, else the seconds to wait."""
        while self.accepted and self.accepted[0] <= at - 1:
            self.accepted.popleft()
        if at < self._closed_until:
            self.too_early += 1
            return self._closed_until - at
        if len(self.accepted) >= self.most:
            self.refused += 1
            self._closed_until = at + 1
            return 1.0
        self.accepted.append(at)
        return 0.0


def send(
    pace: Pace,
    platform: Platform,
    seconds: float,
    delay: tuple[float, float],
    *,
    back: tuple[float, float] = (0.0, 0.0),
    hiccup: float = 0.0,
) -> float:
    """Send through a path with this delay; how many a second were accepted after a warm-up.

    back: how long the platform's answer takes. hiccup: how long, now and then, nothing of ours gets
    done: neither sending nor noticing that an answer came.
    """
    random, number = Random(7), count()
    now, good, warm = 0.0, 0, seconds / 4
    events: list[tuple[float, int, str, Slot, float]] = []
    stalls = iter([0.3 * seconds, 0.5 * seconds, 0.7 * seconds] if hiccup else [])
    stall = next(stalls, seconds)
    while now < seconds:
        if now >= stall:
            now, stall = now + hiccup, next(stalls, seconds)
        leaves = now + pace.wait(now)
        if events and events[0][0] <= leaves:
            at, _, what, slot, wait = heapq.heappop(events)
            if what == "arrives":
                wait = platform.take(at)
                good += wait == 0.0 and at > warm
                comes = at + random.uniform(*back)
                heapq.heappush(events, (comes, next(number), "answer", slot, wait))
                continue
            now = max(now, at)
            pace.ended(slot, now, accepted=wait == 0.0)
            if wait:
                pace.refused(now, wait)
            continue
        now = max(now, leaves)
        slot = pace.take(now)
        arrives = now + random.uniform(*delay)
        heapq.heappush(events, (arrives, next(number), "arrives", slot, 0.0))
    return good / (seconds - warm)


def test_on_an_even_path_nearly_the_whole_limit_is_used_and_nothing_refused() -> None:
    platform = Platform(30)
    assert send(Pace(Limits()), platform, 400, (0.05, 0.05)) >= 0.99 * 30
    assert platform.refused == 0


def test_over_an_uneven_path_it_is_as_fast_as_can_be_without_refusals() -> None:
    platform = Platform(30)
    rate = send(Pace(Limits()), platform, 400, (0.02, 0.08))
    assert rate >= 0.955 * 30
    assert platform.refused <= 3


def test_an_uneven_way_back_costs_no_refusal() -> None:
    platform = Platform(30)
    rate = send(Pace(Limits()), platform, 400, (0.02, 0.08), back=(0.02, 0.08))
    assert rate >= 0.91 * 30
    assert platform.refused <= 3


def test_a_thousand_a_second_over_an_uneven_path() -> None:
    platform = Platform(1000)
    assert send(Pace(Limits(overall=1000.0)), platform, 20, (0.02, 0.08)) >= 0.96 * 1000
    assert platform.refused <= 3


def test_what_our_own_slowness_cost_is_made_up_for_and_no_more() -> None:
    platform = Platform(30)
    assert send(Pace(Limits()), platform, 60, (0.05, 0.05), hiccup=0.15) >= 0.99 * 30
    assert platform.refused == 0


def test_a_platform_that_allows_less_is_not_asked_for_ever() -> None:
    platform = Platform(24)
    send(Pace(Limits(overall=30.0)), platform, 600, (0.05, 0.05))
    early = platform.refused
    send(pace := Pace(Limits(overall=30.0)), Platform(24), 600, (0.05, 0.05))
    assert pace.rate is not None
    assert pace.rate < 26
    assert early < 60


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60), st.booleans())
def test_a_chat_rests_and_a_group_more(gaps: list[float], answer: bool) -> None:
    pace, now, left = Pace(Limits()), 0.0, []
    for gap in gaps:
        now += gap
        now += pace.rests("-1", now, answer=answer)
        pace.sent("-1", now)
        left.append(now)
    most, span = (6, 6.0) if answer else (1, 1.0)
    for i, at in enumerate(left):
        assert sum(at - span + 1e-6 < other <= at for other in left[: i + 1]) <= most
        assert sum(at - 60 + 1e-6 < other <= at for other in left[: i + 1]) <= 20


def test_after_a_refusal_nothing_leaves_before_its_time() -> None:
    pace = Pace(Limits())
    pace.take(10.0)
    pace.refused(10.1, 5.0)
    assert pace.take(10.2).begins >= 15.1
    assert pace.free(10.2, 1.0) == 0


def test_slots_that_nobody_took_are_gone() -> None:
    pace = Pace(Limits())
    pace.take(0.0)
    begins = [pace.take(100.0).begins for _ in range(31)]
    assert begins[-1] - begins[0] >= 1.0
