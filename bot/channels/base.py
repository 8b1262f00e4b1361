"""What a channel is: the few things the program asks of every platform.

A channel holds no rule of its own. It turns what its platform delivers into `Incoming`, hands it
to `receive`, tells the platform "received" only after that returns, and sends what it is given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.messages import Address, File, Incoming, Outgoing

Receive = Callable[[Incoming], Awaitable[None]]
"""Stores one message and everything it causes. Returns after the commit.

Raises `NotStored` when nothing could be kept: the platform must then be left to deliver again.
"""

Load = Callable[[File], Awaitable[bytes]]
"""The bytes of a file, wherever it came from. Raises `SendFailed` when they cannot be had."""


class NotStored(Exception):
    """The message is not in the database; do not acknowledge it."""


class SendFailed(Exception):
    """The platform did not take a message, and why it did not (never with personal data)."""


class TryLater(SendFailed):
    """The platform asks for a pause (Telegram's 429).

    seconds: how long, as the platform said it; nothing may be sent to this bot before.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to wait {seconds:g} s")
        self.seconds = seconds


class Unreachable(SendFailed):
    """A fault on the way (time-out, 5xx, connection): it may or may not have arrived.

    maybe_sent: true when the request had left this machine, so a retry may repeat the message.
    """

    def __init__(self, reason: str, *, maybe_sent: bool) -> None:
        super().__init__(reason)
        self.maybe_sent = maybe_sent


class Blocked(SendFailed):
    """The person blocked the bot or is gone (Telegram's 403): stop sending to this chat."""


class Refused(SendFailed):
    """The platform will never take this message (Telegram's 400)."""


class Channel(Protocol):
    """One platform's adapter."""

    name: str

    async def open(self, receive: Receive) -> None:
        """Begin to take messages in; returns when ready."""

    async def close(self) -> None:
        """Stop taking messages in and let go of connections."""

    async def send(self, to: Address, message: Outgoing, load: Load) -> tuple[str, ...]:
        """Send one message; the platform's ids of what now stands in the chat (one, or an album's).

        A file whose ``origin`` is this channel's name goes by its ``ref``, any other by its bytes.
        Raises a `SendFailed`.
        """

    async def edit(self, to: Address, message_id: str, message: Outgoing) -> None:
        """Change the text and the choices of a message that was sent. Raises a `SendFailed`."""

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file that came in through this channel. Raises a `SendFailed`."""
