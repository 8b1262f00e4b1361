"""Buttons pressed twice, too late, from elsewhere, or made up."""

from __future__ import annotations

import pytest

from tests.conversations import county
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.seats import Button, Seen
from tests.conversations.town import Town


async def test_pressed_twice_is_pressed_once(town: Town) -> None:
    wang = await town.resident()
    await wang.says("楼道灯不亮了")
    asked = await wang.hears("这一类，对吗")
    _, button = await wang.finds("路灯照明")
    await wang.presses_again(asked, button)
    await wang.presses_again(asked, button)
    await wang.hears("出在哪儿")
    await wang.heard_nothing()
    await wang.presses("就在我家")
    summary = await wang.hears("您看对不对")
    _, file_it = await wang.finds("提交")
    await wang.presses_again(summary, file_it)
    await wang.presses_again(summary, file_it)
    await wang.hears("编号是")
    await town.settle()
    assert await town.ticket_count() == 1


async def test_an_old_button_gets_a_fresh_question(town: Town) -> None:
    wang = await town.resident()
    await wang.says("楼道灯不亮了")
    kinds = await wang.hears("这一类，对吗")
    _, other = await wang.finds("都不是")
    await wang.presses("路灯照明")
    await wang.hears("出在哪儿")
    await wang.presses_again(kinds, other)
    await wang.hears("这个按钮是之前的")
    await wang.hears("出在哪儿")
    await wang.presses("就在我家")
    await wang.hears("类别：路灯照明")


async def test_an_old_button_when_all_is_over(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("楼道灯不亮了")
    kinds = await wang.hears("这一类，对吗")
    _, button = await wang.finds("路灯照明")
    await wang.says("取消")
    await wang.hears("什么都没有提交")
    await wang.hears("要办什么")
    await wang.presses_again(kinds, button)
    await wang.hears("已经办完了")


FORGED = ["999999:1", "0:0", "1:99", "1:0", "99999999999:1", "1:1:1", "x:y", ":", "-1:1", "1:²"]


@pytest.mark.parametrize("channel", ["scripted", "aiogram", "ptb"])
async def test_made_up_buttons_do_nothing(make_town: MakeTown, channel: str) -> None:
    town = await make_town(channel)
    wang = await town.resident()
    number = await file_request(town, wang)
    before = await town.ticket(number)
    card = await _any_message(wang)
    for press in FORGED:
        await wang.presses_again(card, Button("?", press))
    await wang.heard()
    after = await town.ticket(number)
    assert (after.status, after.version) == (before.status, before.version)
    assert await town.ticket_count() == 1


async def _any_message(who: object) -> Seen:
    return next(iter(who.seat.standing.values()))  # type: ignore[attr-defined, no-any-return]


async def test_the_page_refuses_made_up_buttons(make_town: MakeTown) -> None:
    town = await make_town("web")
    wang = await town.resident()
    for press in FORGED:
        status = await wang.seat.post(pressed=press)  # type: ignore[attr-defined]
        assert status in (200, 400)
    await wang.heard()
    assert await town.ticket_count() == 0


async def test_a_button_of_another_chat_does_nothing(town: Town) -> None:
    """Somebody's 提交, pressed in a neighbour's chat, files nothing for either."""
    wang, zhao = await town.resident(), await town.resident(county.NEIGHBOUR)
    await wang.says("楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.presses("就在我家")
    await wang.hears("您看对不对")
    _, button = await wang.finds("提交")
    await zhao.says("你好")
    await zhao.hears("要办什么")
    await zhao.presses_again(await _any_message(zhao), button)
    await zhao.heard()
    assert await town.ticket_count() == 0
    assert "楼道灯" not in zhao.everything_read
    await wang.presses("提交")
    await wang.hears("编号是")


async def test_a_number_is_not_guessed_after_an_interruption(scripted_town: Town) -> None:
    """A pushed card with buttons came in between: a bare "1" could mean either."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    number = await file_request(scripted_town, wang)
    await worker.presses("接单")
    await worker.presses("办结")
    await worker.hears("怎么解决的")
    await wang.says("下水道堵了")
    await wang.presses("是一件新的事")
    await wang.hears("这一类，对吗")
    await worker.says("灯换好了")
    await wang.hears("您看解决了吗")
    await wang.says("1")
    await wang.hears("怕弄混了")
    await wang.hears("这一类，对吗")
    assert (await scripted_town.ticket(number)).status == "resolved"
