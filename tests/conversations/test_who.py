"""谁管我这里 in chat: three first, the rest behind 更多, a word left for one, the picture."""

from __future__ import annotations

import io
from datetime import timedelta

from PIL import Image
from sqlalchemy.orm import Session

from storage import posts
from storage.areas import get
from storage.people import Person as Human
from storage.posts import Role
from tests.conversations import county
from tests.conversations.conftest import MakeTown
from tests.conversations.town import Town

OFFICER = "高勇"


async def add_officer(town: Town) -> None:
    """An officer for the community of 莲花池花园."""

    def job(session: Session) -> None:
        home = get(
            session, session.get_one(Human, town.id_of(session, county.RESIDENT)).home_id or 0
        )
        person = Human(name=OFFICER, created_at=town.now(), phone="19900000088")
        session.add(person)
        session.flush()
        posts.set_post(
            session, person_id=person.id, role=Role.COMMUNITY_OFFICER, area_id=home.lineage[1]
        )

    await town.write(job)


async def send_away(town: Town, name: str, deputy: str = "") -> None:
    def job(session: Session) -> None:
        person = town.id_of(session, name)
        now = town.now()
        posts.set_absence(session, person, now - timedelta(hours=1), now + timedelta(days=3))
        if deputy:
            for post in posts.posts_of(session, person, now):
                post.deputy_id = town.id_of(session, deputy)

    await town.write(job)


async def test_three_first_then_the_rest(detail_town: Town) -> None:
    town = detail_town
    await add_officer(town)
    wang = await town.resident()
    await wang.says("谁管我这里")
    seen = await wang.hears(
        "莲花池花园3栋", "1. 网格员：李建国", "2. 联户党员：陈秀兰", "3. 社区民警：高勇"
    )
    assert len(seen.labels) == 4
    await wang.presses("更多")
    await wang.hears("社会工作者：吴芳", "楼栋长：这里还没有，先找网格员李建国")
    await wang.presses("社会工作者 吴芳")
    await wang.hears("莲花池花园3栋的社会工作者：吴芳", "现在在上班", "在这里留言")


async def test_one_role_is_answered_alone_and_its_number_is_to_tap(scripted_town: Town) -> None:
    town = scripted_town
    await add_officer(town)
    wang = await town.resident()
    await wang.says("我的网格员")
    await wang.hears("莲花池花园3栋的网格员：李建国")
    await wang.says("民警电话多少")
    await wang.hears("社区民警高勇 19900000088")
    await wang.hears("社区民警：高勇", "电话在上面")
    assert county.PHONES[county.GRID_WORKER] not in wang.everything_read


async def test_a_word_left_becomes_a_ticket_of_that_very_person(detail_town: Town) -> None:
    town = detail_town
    liaison, worker = await town.liaison(), await town.grid_worker()
    wang = await town.resident()
    await wang.says("联户党员是谁")
    await wang.hears("陈秀兰")
    await wang.presses("给陈秀兰留言")
    await wang.hears("要跟联户党员陈秀兰说什么")
    await wang.says("我腿摔了，想请人帮忙买菜")
    await wang.hears("转给联户党员陈秀兰了", "编号 1号")
    await liaison.hears("买菜")
    await worker.heard_nothing()
    ticket = await town.ticket()
    assert (ticket.service, ticket.privacy, ticket.owner_id) == ("human", "private", liaison.id)


async def test_whose_own_service_it_is_begins_that(scripted_town: Town) -> None:
    town = scripted_town
    await add_officer(town)
    wang = await town.resident()
    await wang.says("社区民警")
    await wang.presses("给高勇留言")
    await wang.hears("看到什么、遇到什么了", "请先打 110")


async def test_danger_in_a_word_left_shows_whom_to_call(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await scripted_town.grid_worker()
    await wang.says("我的网格员")
    await wang.presses("给李建国留言")
    await wang.says("家里煤气漏了，好大的味")
    await wang.hears("119")
    await wang.hears("转给网格员李建国了")


async def test_who_is_away_and_who_stands_in(scripted_town: Town) -> None:
    town = scripted_town
    await send_away(town, county.GRID_WORKER, deputy=county.SOCIAL_WORKER)
    await send_away(town, county.LIAISON)
    wang = await town.resident()
    await wang.says("网格员是谁")
    await wang.hears("网格员：吴芳（李建国请假", "由吴芳代")
    await wang.says("联户党员")
    await wang.hears("陈秀兰请假了，先找网格员吴芳")
    await wang.presses("看网格员吴芳")
    await wang.hears("网格员：吴芳")


async def test_a_newcomer_names_a_place_or_tells_where_they_live(detail_town: Town) -> None:
    ann = await detail_town.newcomer()
    await ann.says("谁管我这里")
    await ann.hears("打小区名字和楼栋")
    await ann.says("hexiangyuan")
    await ann.hears("管荷香苑的", "网格员：周敏", "联户党员：要知道您的门牌")
    await ann.says("桂花新村的网格员是谁")
    await ann.hears("桂花新村的网格员：周敏")
    await ann.says("谁管我们")
    await ann.hears("打小区名字和楼栋")
    await ann.presses("登记我的住址")
    await ann.hears("同意")


async def test_the_network_as_a_picture(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    await wang.says("谁管我这里")
    await wang.presses("更多")
    await wang.presses("画成图看")
    await wang.hears("正在画")
    await town.app.reports.do_all(town.now())
    await wang.hears("莲花池花园3栋的四级网络")
    (content,) = await wang.gets_files(1)
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.width) == ("PNG", 1080)


async def test_where_nobody_serves_a_person_is_found(make_town: MakeTown) -> None:
    town = await make_town("scripted")

    def nobody(session: Session) -> None:
        for name in (county.GRID_WORKER, county.LIAISON, county.SOCIAL_WORKER):
            for post in posts.posts_of(session, town.id_of(session, name), town.now()):
                post.until = town.now() - timedelta(days=1)

    await town.write(nobody)
    wang = await town.resident()
    await wang.says("谁管我这里")
    await wang.hears("还没有登记谁来管", "转人工")
    await wang.presses("转人工")
    await wang.hears("编号")


async def test_what_is_told_about_a_worker_is_no_question(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("物业不作为，电梯坏了三天")
    seen = await wang.heard()
    assert "管什么" not in "".join(one.text for one in seen)


async def test_one_of_them_is_asked_for_by_name(scripted_town: Town) -> None:
    """李建国电话好多 was asked about (反映问题, 矛盾调解), 喊李建国来 not understood."""
    town = scripted_town
    await town.grid_worker()
    wang = await town.resident()
    for asked in ("李建国电话好多", "喊李建国来", "我要跟李建国说话", "李建国在不在"):
        await wang.says(asked)
        shown = await wang.hears("的网格员：李建国")
        assert "1 给李建国留言" in shown.labels
    for other in ("李建国电话打不通", "李建国喊我交钱", "李建国说话难听"):
        await wang.says(other)
        assert not [one for one in await wang.heard() if "的网格员：李建国" in one.text]
        await wang.says("取消")
        await wang.heard()
