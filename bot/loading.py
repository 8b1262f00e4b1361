"""The bytes of a file that goes out: from our own folder, or from the channel it came through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.channels.base import Blocked, Channel, Refused, SendFailed, TryLater, Unreachable
from bot.messages import File
from storage.media import MediaFolder
from storage.vault import KeyFileError


@dataclass(slots=True)
class Loading:
    """Where files are had from. others: channels that this process does not send through. pause:
    told when a channel asks to wait, and how many seconds."""

    channels: Mapping[str, Channel]
    others: Mapping[str, Channel]
    folder: MediaFolder
    pause: Callable[[str, float], None]

    async def load(self, file: File) -> bytes:
        """The bytes of a file. Raises SendFailed when they cannot be had."""
        if file.origin == "web":
            try:
                return await asyncio.to_thread(self.folder.read, file.ref)
            except FileNotFoundError:
                raise Refused(f"file {file.id} is gone") from None
            except KeyFileError:
                raise Refused(f"file {file.id} cannot be opened") from None
            except OSError as error:
                raise Unreachable(type(error).__name__, maybe_sent=False) from None
        channel = self.channels.get(file.origin) or self.others.get(file.origin)
        if channel is None:
            raise Refused(f"file {file.id} came through a channel that is not open")
        return await channel.fetch(file)

    async def load_to_send(self, file: File) -> bytes:
        """`load`, where what goes wrong is the file's channel's matter and not the receiver's."""
        try:
            return await self.load(file)
        except Refused:
            raise
        except Blocked:
            raise Refused(f"file {file.id} may not be fetched") from None
        except SendFailed as error:
            if isinstance(error, TryLater):
                self.pause(file.origin, error.seconds)
            raise Unreachable(f"file {file.id}: {error}", maybe_sent=False) from None
