"""Who sees what, as people notice it: 谁看过, a card that is emptied, a confidential alarm."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from storage import audit, permissions
from storage.outbox import OutboundMessage
from storage.posts import Post
from storage.tickets import Ticket, parties
from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.town import Town


async def taken(town: Town) -> tuple[Person, Person, int]:
    """A worker who has claimed a resident's ticket, and has looked at the number."""
    worker, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await worker.presses("接单")
    await worker.hears("归您了")
    await worker.presses("查看电话")
    await worker.presses("上门前联系")
    await worker.hears(county.PHONES[county.RESIDENT])
    return worker, wang, number


async def test_the_resident_reads_who_looked(detail_town: Town) -> None:
    _, wang, number = await taken(detail_town)
    await wang.says("我的诉求")
    await wang.presses(f"{number}号")
    await wang.presses("谁看过")
    seen = await wang.hears("网格员李建国看了卡片", "网格员李建国看了电话（上门前联系）")
    assert county.RESIDENT not in seen.text


async def test_an_admin_reads_who_looked_and_that_is_a_look(scripted_town: Town) -> None:
    _, wang, number = await taken(scripted_town)
    admin = await scripted_town.admin()
    await admin.says(f"谁看过 {number}")
    told = await admin.hears("李建国看了电话")
    assert "楼道灯" not in told.text
    await wang.says(f"谁看过{number}号")
    await wang.hears("管理员郑强查了谁看过")


async def test_who_looked_is_nobody_elses_business(scripted_town: Town) -> None:
    worker, _, number = await taken(scripted_town)
    neighbour = await scripted_town.resident(county.NEIGHBOUR)
    await neighbour.says(f"谁看过 {number}")
    await neighbour.hears(f"没有找到您的 {number}号")
    await worker.says(f"谁看过 {number}")
    await worker.hears(f"{number}号不归您管")
    await neighbour.says("谁看过")
    await neighbour.hears("您还没有报过事")
    await neighbour.says(f"谁看过{number}号")
    await neighbour.hears(f"没有找到您的 {number}号")
    assert "李建国" not in neighbour.everything_read


async def test_whose_post_ended_is_left_with_a_number(scripted_town: Town) -> None:
    town = scripted_town
    worker, liaison, wang = await town.grid_worker(), await town.liaison(), await town.resident()
    number = await file_request(town, wang)
    await worker.hears("楼道灯不亮了")

    def end(session: Session) -> None:
        person = town.id_of(session, county.GRID_WORKER)
        for post in session.scalars(select(Post).where(Post.person_id == person)):
            post.until = town.now()

    await town.write(end)
    await liaison.presses("接单")
    await worker.hears(f"【{number}号】这件事不归您看了")
    text = await town.read(lambda s: standing_card(s, town.id_of(s, county.GRID_WORKER)))
    assert text == f"【{number}号】这件事不归您看了。"
    await wang.says("我的诉求")
    await wang.presses(f"{number}号")
    await wang.presses("补充")
    await wang.says("三楼也不亮了")
    await wang.hears("陈秀兰")
    await worker.heard_nothing()


def standing_card(session: Session, person: int) -> str:
    """What a person's newest card says now."""
    newest = select(func.max(OutboundMessage.id)).where(OutboundMessage.card_for == person)
    row = session.get_one(OutboundMessage, session.scalar(newest))
    return str(row.payload["text"])


async def test_nobody_for_a_confidential_matter(scripted_town: Town) -> None:
    """The town has no lawyer: the admin learns of a number, and of the rest by taking it on."""
    town = scripted_town
    admin, wang = await town.admin(), await town.resident()
    others = [await town.grid_worker(), await town.liaison(), await town.social_worker()]
    await wang.says("法律求助")
    await wang.says("欠了半年工资")
    await wang.presses("留给片区律师")
    await wang.hears("编号是")
    await admin.hears("没有人接", "内容只给承办人看")
    await town.settle()
    assert "欠了半年工资" not in admin.everything_read
    assert county.RESIDENT not in admin.everything_read
    ticket = await town.ticket()
    assert await town.read(lambda s: parties(s, ticket.id)) == []
    await admin.says("待派单")
    await admin.hears("还没有人接的有 1 件", f"{ticket.id}号 法律求助")
    assert "欠了半年工资" not in admin.everything_read
    await admin.presses("接单")
    await admin.hears("欠了半年工资", "状态：您在办")
    admin_id = await town.read(lambda s: town.id_of(s, county.ADMIN))
    lines = await town.read(lambda s: audit.lines_about(s, f"ticket:{ticket.id}", 9))
    assert [(line.actor_id, line.action) for line in lines] == [(admin_id, "card")]
    for other in others:
        await other.heard_nothing()


async def test_every_message_of_a_closed_matter_is_a_look(scripted_town: Town) -> None:
    town = scripted_town
    worker, liaison, wang = await town.grid_worker(), await town.liaison(), await town.resident()
    await wang.says("微心愿")
    await wang.says("想要一副老花镜")
    await wang.presses("提交")
    await wang.hears("编号是")
    await liaison.presses("接单")
    await wang.hears("接了")
    ticket = await town.ticket()
    await wang.says("我的诉求")
    await wang.presses(f"{ticket.id}号")
    await wang.presses("补充")
    await wang.says("三百度的")
    await liaison.hears("三百度的")
    liaison_id = await town.read(lambda s: town.id_of(s, county.LIAISON))

    def how(session: Session) -> list[str]:
        lines = audit.lines_about(session, f"ticket:{ticket.id}", 20)
        return [line.action for line in lines if line.actor_id == liaison_id]

    assert await town.read(how) == ["told", "redrawn", "card"]
    assert await town.read(lambda s: audit.verify(s).whole)
    await worker.hears("老花镜")


async def test_questions_about_rights_cost_few_queries(scripted_town: Town) -> None:
    """Asked for every card, button and message: it must stay cheap."""
    town = scripted_town
    wang = await town.resident()
    await town.grid_worker()
    number = await file_request(town, wang)

    def count(session: Session, name: str, now: datetime) -> int:
        ticket = session.get_one(Ticket, number)
        person = town.id_of(session, name)
        asked: list[str] = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        permissions.relations(session, person, ticket, now)
        return len(asked)

    for name, most in ((county.RESIDENT, 4), (county.STRANGER, 4), (county.GRID_WORKER, 6)):
        asked = await town.read(lambda s, n=name: count(s, n, town.now()))
        assert asked <= most, name
