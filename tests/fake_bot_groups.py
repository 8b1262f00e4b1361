"""A group in front of the fake Bot API server: several members and one bot, which hears them all.

Telegram's privacy mode would keep most of it from the bot; from one that is an admin it does not,
so the harder case is played.
"""

from __future__ import annotations

import itertools
from typing import Any

from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_parts import FakeBot
from tests.fake_bot_users import FakeMessage, FakeUser

_ids = itertools.count(1)


class FakeGroup(FakeUser):
    """A supergroup: what is done in it is named with the member who does it."""

    def __init__(self, server: FakeBotApi, bot: FakeBot, title: str) -> None:
        super().__init__(server, bot, -1_000_000_000_000 - next(_ids), title, "")
        bot.people[self.id] = self

    def chat_json(self) -> dict[str, Any]:
        return {"id": self.id, "type": "supergroup", "title": self.first_name}

    def member_says(
        self, member: FakeUser, text: str, *, reply_to: FakeMessage | None = None
    ) -> FakeMessage:
        """A member writes, perhaps as a reply."""
        message = FakeMessage(
            self.bot.new_message_id(), self.id, by_bot=False, text=text, sender=member,
            reply_to=reply_to.message_id if reply_to else None,
        )  # fmt: skip
        self.chat.append(message)
        self.server.deliver(self.bot, "message", self.id, message.as_json(self, self.bot))
        return message

    def member_presses(self, member: FakeUser, message: FakeMessage, label: str) -> None:
        """A member presses a button of the bot's message."""
        found = [one for one in message.buttons if one.label.partition(" ")[2] == label]
        assert found, f"no button {label!r} among {message.labels}"
        body = {
            "id": self.server.new_query(self.bot),
            "from": member.as_json(),
            "chat_instance": str(self.id),
            "data": found[0].data,
            "message": message.as_json(self, self.bot),
        }
        self.server.deliver(self.bot, "callback_query", self.id, body)
