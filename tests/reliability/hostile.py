"""What somebody hostile, broken or bored sends: the words, the presses and the raw objects."""

from __future__ import annotations

import random
from typing import Any

WORDS = (
    "",
    " ",
    "\x00",
    "\x07\x1b[31m\x08",
    "\u202eabc\u202d",
    "\u200b" * 50,
    "\ufeff",
    "\ud7ff",
    "👨\u200d👩\u200d👧\u200d👦" * 40,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "{{ 7 * 7 }}",
    "{% for x in range(10**9) %}a{% endfor %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "${jndi:ldap://x/a}",
    "%s%s%n%p",
    "{0.__class__}",
    "<script>alert(1)</script>",
    "<b>未闭合",
    "</div><img src=x onerror=alert(1)>",
    "*_`[粗](x)",
    "&lt;&amp;",
    '=HYPERLINK("http://x","点")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "-2+3",
    "\t=1+1",
    "'; DROP TABLE tickets; --",
    "1' OR '1'='1",
    "%' UNION SELECT phone FROM people --",
    "\\",
    "\\u0000",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "/start ' OR 1=1",
    "/start " + "A" * 500,
    "/",
    "//",
    "/取消/返回",
    "1",
    "０",
    "-1",
    "99999999999999999999",
    "1e999",
    "NaN",
    "第负一个",
    "二十五号",
    "1.",
    "①",
    "Ⅻ",
    "取消",
    "返回",
    "修改",
    "提交",
    "同意",
    "我的诉求",
    "诉求",
    "微心愿",
    "法律求助",
    "通知",
    "发通知",
    "导出",
    "查电话",
    "#1",
    "#99999",
    "催办 1",
    "办结 1",
    "接单",
    "转交",
    "上报",
    "拆开",
    "一键撤诉",
    "电话是13800138000身份证11010119900307123X",
    "\r\n\r\nSet-Cookie: a=b",
    "\u2028\u2029",
    "a" * 4097,
    "水" * 100_000,
)
PRESSES = (
    "", ":", "0:0", "1:1", "1:99", "2:1", "3:1", "-1:1", "1:-1", "999999999:1", "99999999999999:1",
    "1:1:1", "a:b", "1;1", "１:１", "\x00", "1:" + "9" * 64, "' OR 1=1", "{{1}}", "null", "1:1e1",
)  # fmt: skip


class Hostile:
    """Seeded; every event has a number of its own, some come twice."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def words(self) -> str:
        """A text."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.6:
            return chance.choice(WORDS)
        if kind < 0.8:
            return chance.choice(WORDS)[:2000] + chance.choice(WORDS)[:2000]
        points = (chance.randrange(0x20000) for _ in range(chance.randrange(1, 60)))
        return "".join(chr(point) for point in points if not 0xD800 <= point < 0xE000)

    def press(self, newest: int) -> str:
        """What a forged button carries. newest: about the newest message's id."""
        chance = self.chance
        if chance.random() < 0.5:
            return chance.choice(PRESSES)
        return f"{chance.randrange(newest + 3)}:{chance.randrange(12)}"

    def update(self, number: int, user: int, newest: int) -> dict[str, Any]:
        """An update of Telegram's, or something that looks a little like one."""
        chance = self.chance
        person = {"id": user, "is_bot": False, "first_name": self.words()[:64] or "x"}
        chat = {"id": user, "type": "private", "first_name": "x"}
        message: dict[str, Any] = {
            "message_id": 500_000 + number, "date": 1_772_000_000, "chat": chat, "from": person,
        }  # fmt: skip
        kind = chance.randrange(10)
        if kind < 4:
            message["text"] = self.words()
        elif kind == 4:
            return {
                "update_id": number,
                "callback_query": {
                    "id": f"{number}", "from": person, "chat_instance": "1",
                    "message": {**message, "text": "x"}, "data": self.press(newest),
                },
            }  # fmt: skip
        elif kind == 5:
            size = {"file_id": "gone", "file_unique_id": "g", "width": 1, "height": 1}
            message |= {"photo": [size], "caption": self.words()[:1024]}
        elif kind == 6:
            message["document"] = {
                "file_id": "x" * 300, "file_unique_id": "d", "file_name": self.words()[:200],
                "mime_type": self.words()[:40], "file_size": chance.choice([0, 10**12]),
            }  # fmt: skip
        elif kind == 7:
            message["location"] = {
                "latitude": chance.choice([0.0, 91.0, -1e9, 39.9]),
                "longitude": chance.choice([0.0, 181.0, 1e9, 116.4]),
            }
        elif kind == 8:
            message["contact"] = {
                "phone_number": self.words()[:30], "first_name": "x",
                "user_id": chance.choice([user, user + 1, 101]),
            }  # fmt: skip
        else:
            return chance.choice(
                [
                    {"update_id": number},
                    {"update_id": number, "message": None},
                    {"update_id": number, "message": {"text": "no chat"}},
                    {"update_id": number, "message": {**message, "text": 5}},
                    {"update_id": number, "poll": {}},
                    {"update_id": number, "edited_message": {**message, "text": self.words()}},
                    {"update_id": number, "callback_query": {"id": "1", "data": "1:1"}},
                ]
            )
        return {"update_id": number, "message": message}

    def fields(self, number: int, newest: int) -> dict[str, Any]:
        """The body of a post to the page."""
        chance = self.chance
        body: dict[str, Any] = {"id": f"h{number}"}
        kind = chance.randrange(8)
        if kind < 4:
            return body | {"text": self.words()}
        if kind == 4:
            return body | {"pressed": self.press(newest)}
        if kind == 5:
            return body | {"latitude": chance.choice([91, "x", None, 1e400]), "longitude": 5}
        if kind == 6:
            return body | {"start": self.words()[:300]}
        return chance.choice(
            [
                {}, {"id": ""}, {"id": number}, {"id": "x" * 10_000}, {"id": None, "text": []},
                body | {"text": {"a": 1}}, body | {"reply_to": self.words()[:50], "text": "x"},
                body | {"files": ["x"]}, body | {"pressed": [1]},
            ]
        )  # fmt: skip
