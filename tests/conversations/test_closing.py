"""How a ticket ends: the result, the resident's word, the rating, 未回访; never by who did it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from handlers.daytime import by_day
from storage import people, ratings, tickets
from storage.posts import Role
from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.steps import (
    SHANGHAI,
    at,
    away,
    change,
    duties,
    resolve,
    resolved,
    taken,
)
from tests.conversations.town import Town


async def rated(town: Town, number: int) -> list[tuple[str, str, int]]:
    def job(session: Session) -> list[tuple[str, str, int]]:
        return [(r.score, r.remark, r.round) for r in ratings.of(session, number)]

    return await town.read(job)


async def shows(wang: Person, number: int) -> None:
    await wang.says("我的诉求")
    await wang.hears("您报过的事", f"{number}号")
    await wang.presses(f"{number}号")


async def blocks(town: Town, name: str) -> None:
    """Somebody blocks the bot everywhere."""

    def job(session: Session) -> None:
        for account in people.accounts_of(session, town.id_of(session, name)):
            account.blocked_at = town.now()

    await town.write(job)


# The result


async def test_a_photo_where_the_service_asks_for_one(scripted_town: Town) -> None:
    town = scripted_town
    worker, wang, number = await taken(town)
    await change(town, number, service="environment")
    await worker.presses("办结")
    await worker.hears("写一句话，再拍一张照片")
    await worker.says("垃圾清走了")
    await worker.hears("话收到了", "还要一张照片")
    assert (await town.ticket(number)).status == "claimed"
    photos = await worker.sends_photos(1)
    await worker.hears("办结了，已经请居民确认")
    await wang.hears("垃圾清走了", "您看解决了吗")
    assert await wang.gets_files(1) == photos


async def test_a_photo_alone_wants_a_word(scripted_town: Town) -> None:
    worker, wang, number = await taken(scripted_town)
    await change(scripted_town, number, service="environment")
    await worker.presses("办结")
    await worker.sends_photos(1)
    await worker.hears("照片收到了", "写一句")
    await worker.says("扫干净了")
    await wang.hears("扫干净了")


# Solved, and rated more than once


async def test_rated_again_keeps_both(detail_town: Town) -> None:
    town = detail_town
    _, wang, number = await resolved(town)
    await wang.presses("已解决")
    await wang.hears("您满意吗")
    await wang.presses("满意")
    await wang.hears("还想说一句吗")
    await wang.says("很快")
    await wang.hears("就办到这儿了")
    await shows(wang, number)
    await wang.hears("满意", "很快")
    await wang.presses("重新评价")
    await wang.hears("以前说的也留着")
    await wang.presses("不满意")
    await wang.says("又坏了")
    await wang.hears("就办到这儿了")
    assert await rated(town, number) == [("satisfied", "很快", 1), ("unsatisfied", "又坏了", 1)]
    await shows(wang, number)
    both = await wang.hears("很快", "又坏了")
    assert both.text.index("很快") < both.text.index("又坏了")


async def test_an_unsteady_finger_rates_once(scripted_town: Town) -> None:
    town = scripted_town
    _, wang, number = await resolved(town)
    await wang.presses("已解决")
    asked = await wang.hears("您满意吗")
    _, button = await wang.finds("满意", asked)
    await wang.presses_again(asked, button)
    await wang.presses_again(asked, button)
    await wang.says("跳过")
    await wang.hears("就办到这儿了")
    assert await rated(town, number) == [("satisfied", "", 1)]


# Not solved


async def test_a_button_of_an_earlier_round_closes_nothing(scripted_town: Town) -> None:
    town = scripted_town
    _worker, wang, number = await resolved(town)
    social = await town.social_worker()
    first, old = await wang.finds("已解决")
    await wang.presses("未解决")
    await wang.says("跳过")
    await wang.hears("接着办")
    await wang.presses_again(first, old)
    await wang.hears("又在办了")
    await resolve(social, "换了新的")
    await wang.hears("换了新的", "您看解决了吗")
    await wang.presses_again(first, old)
    await wang.hears("还想问您一声", "换了新的")
    assert (await town.ticket(number)).status == "resolved"
    at(town, 10, days=2)
    await duties(town)
    at(town, 10, days=4)
    await duties(town)
    await wang.hears("记作“未回访”")
    await wang.presses_again(first, old)
    await wang.hears("记作“未回访”")
    assert (await town.ticket(number)).status == "lapsed"
    await wang.presses("已解决")
    await wang.presses("基本满意")
    await wang.says("跳过")
    await wang.hears("就办到这儿了")
    assert await rated(town, number) == [("mostly", "", 2)]


async def test_not_solved_pressed_twice_is_one_round(scripted_town: Town) -> None:
    town = scripted_town
    _, wang, number = await resolved(town)
    await town.social_worker()
    asked, button = await wang.finds("未解决")
    await wang.presses_again(asked, button)
    await wang.presses_again(asked, button)
    await wang.hears("又在办了")
    ticket = await town.ticket(number)
    assert (ticket.round, ticket.status) == (2, "waiting")
    assert [kind for kind, _ in await town.events(number)].count("reopened") == 1


@pytest.mark.parametrize("why", ["no chat", "blocked", "away"])
async def test_a_rung_with_nobody_is_skipped_with_an_alarm(scripted_town: Town, why: str) -> None:
    town = scripted_town
    _, wang, number = await resolved(town)
    admin = await town.admin()
    if why != "no chat":
        await town.social_worker()
    if why == "blocked":
        await blocks(town, county.SOCIAL_WORKER)
    elif why == "away":
        await away(town, county.SOCIAL_WORKER)
    await wang.presses("未解决")
    await wang.says("还是不亮")
    if why == "away":
        await admin.hears("没有小区、社区这一级的人", "请补上这个岗位")
    else:  # the post is held: whoever holds it does not get what the bot says
        await admin.hears("没有小区这一级的人", f"社区这一级的{county.SOCIAL_WORKER}收不到消息")
    await admin.hears("楼道灯不亮了")
    ticket = await town.ticket(number)
    assert (ticket.status, ticket.owner_id, ticket.round) == ("waiting", admin.id, 2)


async def test_nobody_above_leaves_it_where_it_is_with_an_alarm(scripted_town: Town) -> None:
    """The only one above is the one who said it was done."""
    town = scripted_town
    wang, admin = await town.resident(), await town.admin()
    number = await file_request(town, wang)
    await change(town, number, owner_id=admin.id, status="claimed", rung=4)
    await town.write(lambda s: _party(s, number, admin.id, town))
    await admin.says("我的任务")
    await admin.presses(f"{number}号")
    await resolve(admin)
    await wang.presses("未解决")
    await wang.says("跳过")
    await wang.hears("接着办")
    ticket = await town.ticket(number)
    assert (ticket.status, ticket.owner_id, ticket.round) == ("claimed", admin.id, 2)
    assert "alarmed" in [kind for kind, _ in await town.events(number)]


async def test_nobody_at_all_is_an_alarmed_queue(scripted_town: Town) -> None:
    town = scripted_town
    wang, admin = await town.resident(), await town.admin()
    number = await file_request(town, wang)
    await change(town, number, owner_id=admin.id, status="claimed", rung=4)
    await town.write(lambda s: _party(s, number, admin.id, town))
    await admin.says("我的任务")
    await admin.presses(f"{number}号")
    await resolve(admin)
    await away(town, county.ADMIN)
    await wang.presses("未解决")
    await wang.says("跳过")
    await wang.hears("接着办")
    ticket = await town.ticket(number)
    assert (ticket.status, ticket.owner_id) == ("waiting", None)
    assert ticket.alarmed_at is not None


def _party(session: Session, number: int, person_id: int | None, town: Town) -> None:
    assert person_id is not None
    ticket = session.get_one(tickets.Ticket, number)
    tickets.add_party(session, ticket, person_id, Role.ADMIN, town.now())


# No word


async def test_one_reminder_then_not_followed_up(detail_town: Town) -> None:
    town = detail_town
    worker, wang, number = await resolved(town)
    at(town, 12, days=1)
    await duties(town)
    await wang.hears("还想问您一声", "灯换好了")
    at(town, 18)
    await duties(town)
    await wang.heard_nothing()
    at(town, 12, days=3)
    await duties(town)
    await wang.hears("没有等到您的回话", "未回访")
    await worker.hears("状态：未回访")
    assert (await town.ticket(number)).status == "lapsed"
    at(town, 12, days=3)
    await duties(town)
    await wang.heard_nothing()
    await wang.says("我的诉求")
    await wang.hears(f"{number}号 路灯照明｜未回访")
    await wang.presses(f"{number}号")
    await wang.hears("没有回访到（没有等到回话）")


async def test_after_that_their_word_still_counts(scripted_town: Town) -> None:
    town = scripted_town
    _worker, wang, number = await resolved(town)
    social = await town.social_worker()
    for days in (1, 3):
        at(town, 12, days=days)
        await duties(town)
    await wang.hears("未回访")
    await shows(wang, number)
    await wang.presses("未解决")
    await wang.says("还是不亮")
    await wang.hears("接着办")
    await social.hears("楼道灯不亮了")
    ticket = await town.ticket(number)
    assert (ticket.status, ticket.round, ticket.closed_at) == ("waiting", 2, None)


async def test_nobody_is_asked_in_the_night(scripted_town: Town) -> None:
    town = scripted_town
    worker, wang, number = await taken(town)
    at(town, 22)
    await resolve(worker)
    await wang.hears("您看解决了吗")
    at(town, 23, days=1)
    await duties(town)
    await wang.heard_nothing()
    at(town, 8, days=1)
    town.later(minutes=1)
    await duties(town)
    await wang.hears("还想问您一声")
    at(town, 7, days=3)
    await duties(town)
    await wang.heard_nothing()
    at(town, 9)
    at(town, 21)  # the program was away all day
    await duties(town)
    await wang.heard_nothing()
    assert (await town.ticket(number)).status == "resolved"
    at(town, 9, days=1)
    await duties(town)
    await wang.hears("未回访")


@pytest.mark.parametrize(
    ("said", "meant"), [(7, 8), (8, 8), (12, 12), (19, 19), (20, 32), (23, 32), (0, 8)]
)
def test_the_day(said: int, meant: int) -> None:
    from datetime import UTC, datetime

    midnight = datetime(2026, 5, 4, tzinfo=SHANGHAI)
    moment = (midnight + timedelta(hours=said)).astimezone(UTC)
    assert by_day(moment, SHANGHAI) == midnight + timedelta(hours=meant)


# Who did it does not judge it


async def test_a_worker_who_filed_it_and_did_it_is_no_judge(scripted_town: Town) -> None:
    """A resident's ticket turns out to be the worker's own: the chat was bound afterwards."""
    town = scripted_town
    worker, _wang, number = await resolved(town)
    await change(town, number, filer_id=worker.id)
    await shows(worker, number)
    await worker.presses("已解决")
    await worker.hears("您自己办的")
    ticket = await town.ticket(number)
    assert ticket.status == "resolved"
    at(town, 12, days=1)
    await duties(town)
    assert (await town.ticket(number)).status == "lapsed"
    await worker.says("我的诉求")
    await worker.presses(f"{number}号")
    await worker.hears("没有能问的人")
    await worker.presses("已解决")
    await worker.hears("您自己办的")


async def test_nor_who_reported_it_and_did_it_though_it_has_another_owner_now(
    scripted_town: Town,
) -> None:
    town = scripted_town
    worker, _wang, number = await taken(town)
    social = await town.social_worker()
    await change(town, number, reporter_id=worker.id)
    await worker.presses("转交")
    await worker.presses("吴芳")
    await worker.says("要找物业")
    await social.presses("接单")
    await blocks(town, county.RESIDENT)
    await resolve(social)
    await worker.heard()
    await shows(worker, number)
    await worker.presses("已解决")
    await worker.hears("您自己办的")
    assert (await town.ticket(number)).status == "resolved"


async def test_who_reported_it_and_did_nothing_is_asked_in_place(scripted_town: Town) -> None:
    town = scripted_town
    worker, wang, number = await taken(town)
    zhao = await town.resident(county.NEIGHBOUR)
    await change(town, number, reporter_id=zhao.id)
    await resolve(worker)
    await wang.hears("您看解决了吗")
    await zhao.heard_nothing()
    await shows(zhao, number)
    await zhao.presses("已解决")
    await zhao.hears("自己来说")
    assert (await town.ticket(number)).status == "resolved"
    await blocks(town, county.RESIDENT)
    await zhao.presses("已解决")
    await zhao.hears("您满意吗")
    assert (await town.ticket(number)).status == "closed"
