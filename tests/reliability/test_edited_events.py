"""Edits as events: each counts once, the newest words win, in whatever order they arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.reliability.test_intake import PAUSE, POISON, Desk, desk

__all__ = ["desk"]

FIRST, SECOND = (datetime(2026, 11, 23, 2, n, tzinfo=UTC) for n in (1, 2))


async def original(desk: Desk, chat: str = "1") -> None:
    """Message 7 of a chat; each chat has one."""
    await desk.takes(f"m{chat}", "a", chat, message_id="7")


async def edit(
    desk: Desk, words: str, at: datetime, chat: str = "1", delivery: str = "once"
) -> None:
    event = f"e{chat}:{words}:{at}:{delivery}"
    await desk.takes(event, words, chat, message_id="7", edited_at=at)


async def test_each_edit_counts_once(desk: Desk) -> None:
    await original(desk)
    await original(desk, "2")
    for _ in range(2):
        await edit(desk, "b", FIRST)
    await edit(desk, "c", FIRST)  # within the same second
    await edit(desk, "d", SECOND)
    await edit(desk, "y", SECOND, "2")
    assert desk.heard() == ["a|0", "~b|0", "~c|0", "~d|0"]
    assert desk.heard("2") == ["a|0", "~y|0"], "another chat's message 7 is another message"


HEARD = {
    "m b c": ["a|0", "~b|0", "~c|0"],
    "m c b": ["a|0", "~c|0"],
    "b m c": ["b|0", "~c|0"],
    "b c m": ["c|0"],
    "c m b": ["c|0"],
    "c b m": ["c|0"],
}
"""What is heard of a message m and its edits b and c, by the order in which they arrive."""


async def test_the_newest_words_are_the_last_heard(desk: Desk) -> None:
    await desk.intake.release_albums()
    for order in HEARD:
        for one in order.split():
            if one == "m":
                await original(desk, order)
            else:
                await edit(desk, one, FIRST if one == "b" else SECOND, order)
    desk.now += PAUSE
    await desk.intake.release_albums()
    assert {order: desk.heard(order) for order in HEARD} == HEARD
    assert {state for state, _ in desk.kept()} == {"done"}


async def test_an_edit_that_changes_no_words_is_nothing(desk: Desk) -> None:
    """A place that moves (a live location), a preview that was made."""
    await original(desk)
    await edit(desk, "a", FIRST)
    await edit(desk, "b", SECOND)
    await edit(desk, "b", SECOND + timedelta(seconds=1))
    assert desk.heard() == ["a|0", "~b|0"]


async def test_an_edit_whose_message_never_came_is_heard_in_the_end(desk: Desk) -> None:
    await desk.intake.release_albums()
    await edit(desk, "b", FIRST)
    await desk.takes("m8", "other", message_id="8")
    assert desk.heard() == ["other|0"], "another message is not the one that is waited for"
    desk.now += PAUSE
    await desk.intake.release_albums()
    await desk.intake.release_albums()
    assert desk.heard() == ["other|0", "~b|0"]


async def test_a_caption_edited_while_its_album_is_gathered(desk: Desk) -> None:
    await desk.intake.release_albums()
    await desk.takes("m7", "a", message_id="7", group="g")
    await edit(desk, "b", FIRST)
    await desk.takes("m8", "", message_id="8", group="g")
    desk.now += PAUSE
    await desk.intake.release_albums()
    assert desk.heard() == ["b|0"]


async def test_an_edit_that_fails_is_kept_and_said(desk: Desk) -> None:
    await original(desk)
    await edit(desk, POISON, FIRST)
    assert desk.heard() == ["a|0", "sorry"]
    assert desk.kept()[-1] == ("failed", POISON)
