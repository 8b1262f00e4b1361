"""What a process does: everything, or its part where several run on one database."""

from __future__ import annotations

import os
import socket
from enum import StrEnum
from secrets import token_hex

MINDS = "duties"
"""What the one process holds that does what falls due."""


class Role(StrEnum):
    """web: the page and the webhook, each message stored and handled before it is acknowledged.
    worker: what falls due, albums, reports, documents, notices, and asking Telegram for messages
    where it does not call. sender: sends through Telegram. all: all of it."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    SENDER = "sender"

    @property
    def serves(self) -> bool:
        """Whether it has the page's server, and sends what goes to the page."""
        return self in (Role.ALL, Role.WEB)

    @property
    def minds(self) -> bool:
        """Whether it does what falls due."""
        return self in (Role.ALL, Role.WORKER)

    @property
    def sends(self) -> bool:
        """Whether it sends through what has a platform behind it."""
        return self in (Role.ALL, Role.SENDER)

    def takes_in(self, *, webhook: bool) -> bool:
        """Whether it takes Telegram's messages in: who serves where Telegram calls, who minds where
        it is asked."""
        return self.serves if webhook else self.minds


def updates_of(channel: str) -> str:
    """What the one process holds that asks for a channel's updates."""
    return f"{channel}:updates"


def name_of_this_process() -> str:
    """A name that no other process has, with what an operator knows it by."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:{token_hex(6)}"
