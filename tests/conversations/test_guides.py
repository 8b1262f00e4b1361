"""办事指南: from any words to the guide, and 帮我办 with papers that only two people see."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import audit, guides, papers, tickets
from storage.media import MediaFile
from storage.papers import PaperPhoto
from tests.conversations.conftest import MakeTown
from tests.conversations.people import Person
from tests.conversations.town import Town


async def test_from_the_kinds_to_a_checklist(detail_town: Town) -> None:
    wang = await detail_town.resident()
    await wang.says("办事指南")
    asked = await wang.hears("您要办什么事")
    assert [label.split(" ", 1)[-1] for label in asked.labels[:6]] == list(guides.groups().values())
    await wang.says("3")
    await wang.hears("社会救助，您要办哪一样")
    await wang.presses("低保申请")
    shown = await wang.hears("【低保申请】", "每月补一份生活费", "县里还没核对，以本县窗口为准")
    assert len(shown.text) < 120, "short first"
    await wang.presses("带什么")
    await wang.hears(
        "要带的 5 样", "☐ 1. 全家人身份证（原件，手机拍照也行）", "☐ 2. 户口簿（原件）"
    )
    await wang.presses("到哪办")
    await wang.hears("到哪办：", "去之前打 12345")
    await wang.presses("全部看")
    await wang.hears("谁能办：", "要带的：", "多少钱：")
    await wang.presses("低保一个月能领多少钱")
    await wang.hears("以民政核定的为准")
    assert await detail_town.ticket_count() == 0


async def test_what_is_sure_is_shown_and_what_is_not_is_asked(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("办事")
    await wang.says("我要辦低保")
    await wang.hears("【低保申请】")
    for words, part in (  # a guide's parts in one's own words were asked about
        ("要啥子材料", "要带的 5 样"),
        ("好久办得好", "要多久："),
        ("在哪点办", "到哪办："),
        ("啥条件", "谁能办："),
    ):
        await wang.says(words)
        await wang.hears("【低保申请】", part)
    for words, title in (
        ("dibao zenme ban", "低保申请"),
        ("医宝报销", "医保报销（手工报销）"),
        ("公鸡金提取", "公积金提取"),
    ):
        await wang.says("办事")
        await wang.says(words)
        await wang.hears(f"是不是“{title}”")
        await wang.presses(title)
        await wang.hears(f"【{title}】")
    await wang.says("办事")
    await wang.says("拖欠工资怎么办")
    await wang.hears("老板不发工资找谁", "劳动监察")
    await wang.presses("招工信息")
    await wang.hears("【招工信息和找工作】")


async def test_what_is_nowhere_is_said_to_be_nowhere(scripted_town: Town) -> None:
    worker = await scripted_town.social_worker()
    wang = await scripted_town.resident()
    await wang.says("办事")
    await wang.says("想给猫上牌子")
    await wang.hears("“想给猫上牌子”，我这里没找到")
    await wang.presses("帮我办")
    await wang.hears("什么时候方便")
    await wang.presses("跳过")
    await wang.hears("要办的：代办", "想给猫上牌子")
    await wang.presses("提交")
    await wang.hears("编号是")
    await worker.hears("代办", "想给猫上牌子")

    await wang.says("办事")
    await wang.says("公鸡金提取")
    await wang.presses("都不是")
    await wang.hears("没找到您要的")


async def _photographed(town: Town, wang: Person) -> int:
    """An errand with two photos of the first paper; the rest is to come."""
    await wang.says("办事")
    await wang.says("养老金资格认证")
    await wang.presses("帮我办")
    await wang.hears("“养老金资格认证”请人帮您办")
    await wang.presses("生病或残疾，走不动")
    await wang.hears("现在一样一样拍给我，还是见面再给", "☐ 1. 身份证")
    await wang.presses("现在拍照")
    await wang.hears("第 1 样，共 2 样：身份证")
    await wang.sends_photos(1)
    await wang.hears("身份证，收到 1 张")
    await wang.sends_photos(1)
    await wang.hears("身份证，收到 2 张")
    await wang.presses("下一样")
    await wang.hears("第 2 样，共 2 样：手机")
    await wang.presses("以后再给")
    await wang.hears("什么时候方便")
    await wang.says("上午")
    await wang.hears("☑ 身份证：2 张照片", "☐ 手机：以后再给", "碰面：上午", "办完 7 天后删掉")
    await wang.presses("提交")
    await wang.hears("照片收好了，2 张", "还没给的：手机", "一步一步告诉您")
    await town.settle()
    return (await town.ticket()).id


async def _photos(town: Town) -> int:
    return await town.read(lambda s: s.scalar(select(func.count()).select_from(PaperPhoto)) or 0)


async def test_help_with_an_errand(detail_town: Town) -> None:
    town = detail_town
    helper = await town.social_worker()
    grid = await town.grid_worker()
    wang = await town.resident()
    number = await _photographed(town, wang)
    card = await helper.hears(
        "代办", "养老金资格认证", "去不了的原因：生病或残疾，走不动", "材料：拍了 1 样"
    )
    assert not card.files
    assert "看材料照片" not in helper.everything_read, "not before it is claimed"

    def of_the_ticket(session: Session) -> list[list[int]]:
        return [event.media for event in tickets.events(session, number)]

    assert await town.read(of_the_ticket) == [[]] * len(await town.events(number))

    await helper.presses("接单")
    await wang.hears("接了，正在办")
    await helper.presses("看材料照片")
    await helper.hears("一共 2 张", "您看过，已经记下了")
    assert len(await helper.gets_files(2)) == 2
    lines = await town.read(lambda s: audit.lines_about(s, f"ticket:{number}", 50))
    assert [line.actor_id for line in lines if line.action == "papers"] == [helper.id]
    assert "看材料照片" not in grid.everything_read

    await helper.presses("材料收齐")
    await wang.hears(f"您的 {number}号（养老金资格认证）：材料收齐", "您在家等着就行")
    await helper.hears("材料收齐。已经告诉居民")
    await helper.presses("已交到窗口")
    await wang.hears("已交到窗口", "您不用跑")
    await helper.presses("办好了")
    await wang.hears("说办好了", "您看解决了吗")
    await wang.presses("已解决")
    await town.settle()
    assert (await town.ticket()).status == "closed"
    kinds = [kind for kind, _ in await town.events(number)]
    assert kinds.count("step") == 2
    assert kinds.index("step") < kinds.index("resolved") < kinds.index("solved")


async def test_photos_are_thrown_away(make_town: MakeTown) -> None:
    """Some days after the end; the file of the page too, and whose they are is told."""
    town = await make_town("web")
    helper = await town.social_worker()
    wang = await town.resident()
    await _photographed(town, wang)
    await helper.presses("接单")
    await helper.presses("办好了")
    await wang.presses("已解决")
    kept = list((town.folder / "media").iterdir())
    assert len(kept) == 2
    await town.look_after(days=papers.keeping().keep_days - 1)
    assert await _photos(town) == 2
    await town.look_after(days=1, minutes=1)
    await town.app.waste.do_all()
    await wang.hears("材料照片我已经删掉了")
    assert await _photos(town) == 0
    assert await town.read(lambda s: s.scalar(select(func.count()).select_from(MediaFile))) == 0
    assert list((town.folder / "media").iterdir()) == []


async def test_photos_of_a_talk_that_was_never_finished(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("办事")
    await wang.says("养老金资格认证")
    await wang.presses("帮我办")
    await wang.presses("跳过")
    await wang.presses("现在拍照")
    await wang.sends_photos(2)
    await wang.hears("收到 2 张")
    await wang.says("取消")
    assert await _photos(scripted_town) == 2
    await scripted_town.look_after(days=papers.keeping().draft_days, minutes=1)
    await scripted_town.app.waste.do_all()
    assert await _photos(scripted_town) == 0


async def test_papers_that_come_later(scripted_town: Town) -> None:
    town = scripted_town
    helper = await town.social_worker()
    wang = await town.resident()
    number = await _photographed(town, wang)
    await helper.presses("接单")
    await wang.presses("补拍材料")
    await wang.hears("手机（刷脸用")
    await wang.sends_photos(1)
    await wang.hears("没有了按“拍完了”")
    await wang.presses("拍完了")
    await wang.hears("收到了，1 张，已经告诉给您办事的人")
    await helper.hears(f"{number}号", "补拍了手机")
    await helper.presses("看材料照片")
    await helper.hears("一共 3 张")


async def test_a_photo_at_once_is_of_the_first_paper(scripted_town: Town) -> None:
    """Asked whether to photograph now or later, people just send the photo."""
    wang = await scripted_town.resident()
    await wang.says("办事")
    await wang.says("低保")
    await wang.presses("帮我办")
    await wang.presses("年纪大了")
    await wang.hears("办这件事要 5 样材料")
    await wang.sends_photos(2)
    await wang.hears("全家人身份证，收到 2 张")
    await wang.says("拍完了")
    await wang.hears("第 2 样，共 5 样：户口簿")
    await wang.says("转人工")
    await wang.hears("1号")
    talk = (await scripted_town.ticket()).text
    assert "年纪大了" in talk
    assert await _photos(scripted_town) == 2
    events = await scripted_town.read(lambda s: [e.media for e in tickets.events(s, 1)])
    assert not any(events), "no paper goes along to who helps"


async def test_who_has_not_claimed_it_and_who_had_it_see_no_papers(scripted_town: Town) -> None:
    town = scripted_town
    helper = await town.social_worker()
    wang = await town.resident()
    number = await _photographed(town, wang)
    await helper.presses("接单")
    await helper.hears("接单")
    shown, button = await helper.finds("看材料照片")
    await helper.presses("办好了")
    await wang.presses("已解决")
    await helper.presses_again(shown, button)
    await helper.hears(f"{number}号的材料照片，现在只有居民自己能看")
    assert not any(seen.files for seen in helper.seat.log)


async def test_the_program_is_built_anew_before_every_turn(make_town: MakeTown) -> None:
    town = await make_town(rebuilding=True)
    wang = await town.resident()
    await town.social_worker()
    await _photographed(town, wang)
    assert await _photos(town) == 2
