"""How often one chat may post: generous to people, a wall to a script."""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
MOST_CHATS = 10_000


class PerMinute:
    """Counts what each chat posted in the minute that began with its first message."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[str, tuple[datetime, int]] = {}

    def allows(self, chat: str, now: datetime) -> bool:
        """Whether this chat may post one more now; counts it when it may."""
        since, count = self._counts.get(chat, (now, 0))
        if now - since >= MINUTE:
            since, count = now, 0
        if count >= self._most:
            return False
        if len(self._counts) >= MOST_CHATS:
            self._counts = {k: v for k, v in self._counts.items() if now - v[0] < MINUTE}
        self._counts[chat] = (since, count + 1)
        return True
