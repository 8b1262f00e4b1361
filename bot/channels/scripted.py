"""A channel with no platform behind it, for tests and rehearsals: a channel like any other."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.channels.base import Load, Receive
from bot.messages import Address, File, Outgoing


@dataclass(slots=True)
class Shown:
    """One message as it stands in a chat, with what edits made of it."""

    message_id: str
    outgoing: Outgoing
    files: list[bytes] = field(default_factory=list)
    edits: int = 0


class ScriptedChannel:
    """Keeps what is sent in memory; whoever holds it hands messages to `receive`."""

    def __init__(self, name: str = "scripted") -> None:
        self.name = name
        self.receive: Receive | None = None
        self.chats: dict[str, list[Shown]] = {}
        self.files: dict[str, bytes] = {}
        """What people sent, by the reference their `File` carries."""
        self._sent = 0

    async def open(self, receive: Receive) -> None:
        """Begin to take messages in."""
        self.receive = receive

    async def close(self) -> None:
        """Stop taking messages in."""
        self.receive = None

    async def send(self, to: Address, message: Outgoing, load: Load) -> tuple[str, ...]:
        """Put a message into the chat, files and all."""
        self._sent += 1
        content = [
            self.files[f.ref] if f.origin == self.name else await load(f) for f in message.files
        ]
        shown = Shown(f"s{self._sent}", message, content)
        self.chats.setdefault(to.chat, []).append(shown)
        return (shown.message_id,)

    async def edit(self, to: Address, message_id: str, message: Outgoing) -> None:
        """Change a message that stands in the chat."""
        for shown in self.chats.get(to.chat, []):
            if shown.message_id == message_id:
                shown.outgoing = message
                shown.edits += 1

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file that somebody sent."""
        return self.files[file.ref]
