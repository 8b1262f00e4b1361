"""数据 in chat: which time, which place, a picture, and behind every figure its tickets."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.wording import percent
from storage.audit import AuditLine
from storage.posts import Post, Role
from storage.report_jobs import JobState, ReportJob
from storage.tickets import Ticket
from tests.conversations import county
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.town import Town


async def solved(town: Town) -> tuple[Person, Person, int]:
    """A ticket that was claimed, resolved and solved, and rated."""
    worker, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await worker.presses("接单")
    await worker.presses("办结")
    await worker.says("换了灯泡")
    await wang.presses("已解决")
    await wang.presses("基本满意")
    await wang.says("跳过")
    return worker, wang, number


async def make_admin(town: Town, name: str) -> None:
    """Somebody of the list is an admin of the county too."""

    def job(session: Session) -> None:
        area_id = session.scalars(select(Post.area_id).where(Post.role == "admin")).one()
        person_id = town.id_of(session, name)
        session.add(Post(person_id=person_id, role=Role.ADMIN.value, area_id=area_id))

    await town.write(job)


async def audited(town: Town, *actions: str) -> list[str]:
    query = select(AuditLine.action).where(AuditLine.action.in_(actions)).order_by(AuditLine.id)
    return await town.read(lambda session: list(session.scalars(query)))


async def test_a_report_is_asked_for_and_looked_into(town: Town) -> None:
    _, _, number = await solved(town)
    admin = await town.admin()
    await admin.says("三率")
    await admin.hears("哪段时间")
    await admin.presses("本月")
    await admin.hears("看哪里的")
    await admin.presses("青禾县")
    await admin.hears("正在算")
    await admin.hears("青禾县｜", "解决率 100.0%（有回话 1 件，没回话 0.0%）", "共 1 件：办完 1")
    (content,) = await admin.gets_files(1)
    picture = Image.open(io.BytesIO(content))
    assert picture.format == "PNG"
    assert picture.width == 1080

    await admin.presses("明细")
    await admin.hears("每个数都能点开")
    await admin.presses("满意率（1/1）")
    await admin.hears("满意率 100.0%", "没评价的不算满意")
    await admin.presses("满意和基本满意的（1 件）")
    await admin.hears("满意和基本满意的", f"{number}号 路灯照明｜莲花池花园", "已办完")
    await admin.presses(f"{number}号 路灯照明")
    await admin.hears("楼道灯不亮了")

    await admin.presses("按月")
    await admin.hears("各月比较", "1 件，件数少，仅供参考")
    await admin.presses("Excel 表格")
    await admin.hears("正在做表格")
    await admin.hears("的表格在上面")
    (content,) = await admin.gets_files(1)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert "口径" in book.sheet_names
    assert await audited(town, "export_figures") == ["export_figures"]


async def test_areas_beneath_and_a_name_typed(scripted_town: Town) -> None:
    town = scripted_town
    await solved(town)
    admin = await town.admin()
    await admin.says("数据")
    await admin.presses("自己说")
    await admin.hears("从哪天到哪天")
    await admin.says("随便")
    await admin.hears("没看懂日期")
    await admin.says("2020-1-1 到 2099年12月31日")
    await admin.hears("看哪里的")
    await admin.says("莲花池社区")
    await admin.hears("莲花池社区｜2020.1.1–2099.12.31", "共 1 件")
    await admin.presses("明细")
    await admin.presses("收到（1 件）")
    await admin.hears("收到", "路灯照明")


async def test_a_worker_sees_their_areas_and_their_own(scripted_town: Town) -> None:
    town = scripted_town
    worker, _, _ = await solved(town)
    await worker.says("报表")
    await worker.presses("今年")
    question = await worker.hears("看哪里的")
    offered = " ".join(question.labels)
    assert "莲花池花园" in offered
    assert "桂花新村" not in offered
    await worker.says("桂花新村")
    await worker.hears("没找到这个地方")
    await worker.presses("莲花池花园")
    seen = await worker.hears("莲花池花园｜", "共 1 件")
    assert not any("按人员" in label for label in seen.labels), "colleagues' figures"
    await worker.says("报表")
    await worker.presses("今年")
    await worker.presses("我自己经手的")
    await worker.hears("李建国｜", "共 1 件")


async def test_a_liaison_has_only_their_own(scripted_town: Town) -> None:
    town = scripted_town
    liaison = await town.liaison()
    await solved(town)
    await liaison.says("数据")
    await liaison.presses("本周")
    await liaison.hears("陈秀兰｜", "共 0 件")


async def test_a_resident_gets_none(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("数据")
    await wang.heard()
    assert "哪段时间" not in wang.everything_read
    assert await scripted_town.read(lambda s: s.scalars(select(ReportJob)).all()) == []


async def test_who_lost_the_post_gets_nothing_of_an_old_button(scripted_town: Town) -> None:
    town = scripted_town
    await solved(town)
    social = await town.social_worker()
    await social.says("数据")
    await social.presses("本月")
    await social.presses("莲花池社区")
    await social.hears("莲花池社区｜")

    def dismissed(session: Session) -> None:
        person = town.id_of(session, county.SOCIAL_WORKER)
        for post in session.scalars(select(Post).where(Post.person_id == person)):
            session.delete(post)

    await town.write(dismissed)
    await social.presses("明细")
    await social.heard()
    assert "每个数都能点开" not in social.everything_read


async def test_what_is_private_is_counted_and_not_listed(scripted_town: Town) -> None:
    town = scripted_town
    _, _, number = await solved(town)

    def hide(session: Session) -> None:
        session.get_one(Ticket, number).privacy = "private"

    await town.write(hide)
    social = await town.social_worker()
    await social.says("数据")
    await social.presses("本月")
    await social.presses("莲花池社区")
    await social.hears("共 1 件")
    await social.presses("明细")
    await social.presses("收到（1 件）")
    await social.hears("没有能列出来的", "另有 1 件保密")
    assert "路灯照明" not in social.everything_read


async def test_a_report_left_behind_is_made_by_the_next_program(scripted_town: Town) -> None:
    town = scripted_town
    await solved(town)
    admin = await town.admin()

    def ask(session: Session) -> None:
        account = session.scalars(select(ReportJob)).all()
        assert len(account) == 1
        account[0].state, account[0].done_at = JobState.WAITING.value, None

    await admin.says("数据")
    await admin.presses("本月")
    await admin.presses("青禾县")
    await admin.hears("青禾县｜")
    await town.write(ask)
    await town.rebuild()
    await admin.hears("青禾县｜")
    await town.app.reports.do_all(town.now())
    await admin.heard_nothing()


async def test_a_report_that_cannot_be_made_says_so_in_the_end(scripted_town: Town) -> None:
    town = scripted_town
    await solved(town)
    admin = await town.admin()
    await admin.says("数据")
    await admin.presses("本月")
    await admin.presses("青禾县")
    await admin.hears("青禾县｜")

    def spoil(session: Session) -> None:
        job = session.scalars(select(ReportJob)).one()
        job.what = {**job.what, "view": "list", "key": "nothing", "part": "n"}
        job.state, job.done_at = JobState.WAITING.value, None

    def states(session: Session) -> list[tuple[str, int]]:
        return [(job.state, job.tries) for job in session.scalars(select(ReportJob))]

    await town.write(spoil)
    for _ in range(3):
        await town.app.reports.do_all(town.now())
        town.later(minutes=1)
    await admin.hears("没有算出来")
    assert await town.read(states) == [("failed", 3)]
    await town.app.reports.do_all(town.now())
    await admin.heard_nothing()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_leaving_a_ticket_out_takes_two(make_town: MakeTown, database: str) -> None:
    town = await make_town("scripted", database)
    _, _, number = await solved(town)
    await make_admin(town, county.SOCIAL_WORKER)
    admin, second = await town.admin(), await town.social_worker()
    await admin.says("剔除")
    await admin.hears("剔除几号")
    await admin.says(f"{number}号")
    await admin.hears("为什么")
    await admin.says("测试时登记的")
    await admin.hears("已经请吴芳确认")
    assert await audited(town, "ask_exclusion") == ["ask_exclusion"]
    await admin.says("剔除")
    await admin.says(str(number))
    await admin.hears("正在等另一位同意")

    await second.hears("郑强想把", "测试时登记的", "同意吗")
    await second.presses("同意剔除")
    await second.hears("已从数据里剔除")
    await admin.hears("吴芳同意了", "已从数据里剔除")
    await admin.says("数据")
    await admin.presses("本月")
    await admin.presses("青禾县")
    await admin.hears("共 0 件", "剔除 1 件", f"{number}号：测试时登记的")

    await second.presses("恢复计入")
    await admin.hears("吴芳恢复了")
    await admin.says("数据")
    await admin.presses("本月")
    await admin.presses("青禾县")
    seen = await admin.hears("共 1 件")
    assert "剔除" not in seen.text
    kinds = ("ask_exclusion", "agree_exclusion", "end_exclusion")
    assert await audited(town, *kinds) == list(kinds)


@pytest.mark.parametrize("role", ["owner", "nobody else"])
async def test_nobody_agrees_to_their_own(make_town: MakeTown, role: str) -> None:
    town = await make_town("scripted")
    worker, _, number = await solved(town)
    if role == "owner":
        await make_admin(town, county.GRID_WORKER)
    admin = await town.admin()
    await admin.says("剔除")
    await admin.says(str(number))
    await admin.says("重复登记")
    await admin.hears("没有别的负责人", "照常计入")
    await worker.heard()
    assert "同意剔除" not in worker.everything_read


async def test_a_second_may_refuse(scripted_town: Town) -> None:
    town = scripted_town
    _, _, number = await solved(town)
    await make_admin(town, county.SOCIAL_WORKER)
    admin, second = await town.admin(), await town.social_worker()
    await admin.says("剔除")
    await admin.says(str(number))
    await admin.says("不好看")
    await second.presses("不同意")
    await second.hears("照常计入")
    await admin.hears("吴芳没有同意")
    _, agree = await second.finds("同意剔除")
    await second.presses("同意剔除")
    await second.hears("照常计入")
    assert agree.label.endswith("同意剔除")


async def test_a_grid_worker_cannot_leave_anything_out(scripted_town: Town) -> None:
    worker, _, _ = await solved(scripted_town)
    await worker.heard()
    await worker.says("剔除")
    await worker.heard()
    assert "剔除几号" not in worker.everything_read


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("上个月三率", "2027.2.1–2027.2.28"),
        ("看一下上上个月的数据", "2027.1.1–2027.1.31"),
        ("去年", "2026.1.1–2026.12.31"),
        ("二月", "2027.2.1–2027.2.28"),
        ("这周", "2027.3.8–2027.3.14"),
        ("去年第三季度的满意率是多少", "2026.7.1–2026.9.30"),
        ("这个月办得怎么样", "2027.3.1–2027.3.31"),
        ("今天收了多少件", "2027.3.9–2027.3.9"),
        ("shanggeyue sanlv", "2027.2.1–2027.2.28"),
        ("2026-1-1 到 2026-3-31", "2026.1.1–2026.3.31"),
    ],
)
async def test_an_admin_asks_in_plain_words(scripted_town: Town, words: str, span: str) -> None:
    """数字 led to a complaint; 去年, 二月, 上个月三率 were not understood."""
    town = scripted_town
    town.at(2027, 3, 9, 9, 0)
    admin = await town.admin()
    await admin.says(words)
    await admin.hears("正在算")
    await admin.hears(f"青禾县｜{span}")


async def test_plain_words_without_a_time_ask_for_it(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2027, 3, 9, 9, 0)
    admin = await town.admin()
    await admin.says("解决率多少")
    await admin.hears("哪段时间")
    await admin.says("上半年的")
    await admin.hears("青禾县｜2027.1.1–2027.6.30")
    await admin.says("导出")
    await admin.hears("哪段时间")
    await admin.presses("上月")
    await admin.hears("正在做表格")
    await admin.says("莲花池社区上个月的数据")
    await admin.hears("莲花池社区｜2027.2.1–2027.2.28")


async def test_what_is_overdue_is_listed(scripted_town: Town) -> None:
    """超时的有哪些 led to 谁管我这里."""
    town = scripted_town
    await town.grid_worker()
    admin, wang = await town.admin(), await town.resident()
    await admin.says("超时的有哪些")
    await admin.hears("超时未办", "一件也没有")
    number = await file_request(town, wang)
    await town.look_after(hours=24 * 9)
    await admin.heard()
    await admin.says("哪些超期了")
    await admin.hears("超时未办", f"{number}号 路灯照明")
    await admin.says("没办完的有哪些")
    await admin.hears("在办", f"{number}号 路灯照明")


async def test_a_rate_of_nothing_says_why(scripted_town: Town) -> None:
    """响应率 —（该答复 0 件） read as broken: the time to answer was not up yet."""
    town = scripted_town
    await solved(town)
    admin = await town.admin()
    await admin.says("今年三率")
    seen = await admin.hears("响应率：答复期限都还没到，到了才算", "解决率 100.0%")
    assert "（算到 " in seen.text, "a year that is not over looked like a whole one"
    assert "—（" not in seen.text


async def test_what_a_rate_is_of_is_said_when_asked(scripted_town: Town) -> None:
    """解决率怎么算的 was offered to residents as a reply; a month of nothing read — / — / —."""
    town = scripted_town
    await solved(town)
    admin = await town.admin()
    await admin.says("解决率怎么算的")
    seen = await admin.hears("没回话的不算解决")
    assert "响应率" not in seen.text
    await admin.says("三率是什么意思")
    await admin.hears("响应率：", "解决率：", "满意率：")
    await admin.says("今年各月")
    seen = await admin.hears("各月比较")
    assert "没有工单" in seen.text
    assert "— / —" not in seen.text


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "—"),
        (0.0, "0.0%"),
        (1 / 48_000, "<0.1%"),
        (47_999 / 48_000, "99.9%"),
        (1.0, "100.0%"),
    ],
)
def test_not_all_is_never_all(share: float | None, said: str) -> None:
    """47,999 of 48,000 read 100.0%."""
    assert percent(share) == said


async def test_plain_words_of_figures_are_nothing_to_a_resident(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    for words in ("上个月三率", "导出", "超时的有哪些", "去年"):
        await wang.says(words)
        await wang.heard()
    assert "哪段时间" not in wang.everything_read
    assert "正在" not in wang.everything_read
