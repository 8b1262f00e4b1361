"""What is asked of the service itself; and what only sounds like it."""

from __future__ import annotations

from storage.meaning.about import asks_about

ASKED = {
    "who": "你是哪个 你是机器人吗 你是真人不 你们是干啥子的",
    "trust": "你们是骗子吧 这个是真的吗 你们靠谱不",
    "address": "为啥要我地址 我的电话会不会泄露 保密吗",
    "money": "要钱不 免费吗 要不要钱",
    "forget": (
        "删除我的信息 把我忘了 注销 我不想用了 把我从你们系统里删了 shanchuwodexinxi"
        " 我不想让你们有我的电话 把我的电话删了 请把我的资料都删掉"
    ),
    "notices": (
        "退订 TD 不要给我发通知了 别烦我 停掉通知 我不要通知了 把通知关了 关闭通知 别再联系我了"
    ),
    "no_notices": "怎么收不到通知了 收不到通知 咋没收到通知",
    "others": "我妈的信息删了嘛 帮我妈把电话改一下 把他的信息删了 我爸换电话了 我妈不要通知了",
    "resume_notices": "恢复通知 又给我发通知吧 重新接收通知 可以再发通知了 打开通知 我要收通知",
    "keep": "不删了 莫删了 还是不删了 先别删我的信息",
    "kept": "你们有我哪些信息 你们存了我啥信息 你们记了我哪些东西 查我的信息 我的个人信息有哪些",
    "council": "议事会 居民议事会啥时候开 我要投票",
    "phone": (
        "我换手机号了 改电话 换号码 我换电话了13900000088 我的新号码是13900000088 我换号咯"
        " 我的电话打不通了换了13912341234"
    ),
    "": (
        "你好 楼上是骗子 骗子打电话喊我转钱 手机坏了 停电通知 不要停水 垃圾不要乱丢 人呢 人在吗"
        " 电话号码是多少 你们网格员电话多少 业委会不投票就收钱 物业收费不合理 低保要钱不"
        " 我的手机掉了 注销户口 你是网格员吗"
        " 13900000088 有人发传单 恢复供水 通知继续停水 留着干啥子 把这条删了 有哪些通知"
        " 停了 关了 楼道灯关了 通知邻居 我妈通知我停水 名字写错了 通知在哪看 电话停了 开通宽带"
        " 他把我电话号码记错了 我妈的药 我儿子换工作了"
    ),
}


def test_what_is_asked_of_the_service() -> None:
    found = {
        key: " ".join(one for one in words.split() if asks_about(one) == key)
        for key, words in ASKED.items()
    }
    assert found == {key: " ".join(words.split()) for key, words in ASKED.items()}
