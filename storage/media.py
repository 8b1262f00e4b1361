"""Photos, voice messages and documents: a row each, the bytes wherever they came from.

A file that came through Telegram stays there and is named by its `file_id` (the download address
carries the bot's token and is never kept). A file that came through the page is sealed into
`MEDIA_DIR` before the message that carries it is stored.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Sealed
from storage.vault import Vault

KINDS = ("photo", "voice", "video", "audio", "document")


@dataclass(frozen=True, slots=True)
class Location:
    """A point in degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class File:
    """One file: its `kind` (see `KINDS`), the channel it came through, that channel's name for it.

    ref: the platform's file id, or for a file kept here its name in the media folder.
    id: the row in the database, 0 before it has one. size: bytes, 0 when unknown.
    """

    kind: str
    origin: str
    ref: str
    name: str = ""
    mime: str = ""
    size: int = 0
    id: int = 0


class MediaFile(Base):
    """The row behind a `File`."""

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(32))
    ref: Mapped[str] = mapped_column(Sealed)
    name: Mapped[str] = mapped_column(Sealed)
    mime: Mapped[str] = mapped_column(String(128))
    size: Mapped[int]

    def value(self) -> File:
        """The row as a plain value that outlives its session."""
        return File(self.kind, self.origin, self.ref, self.name, self.mime, self.size, self.id)


def remember(session: Session, files: tuple[File, ...]) -> list[int]:
    """Give each file a row; their ids, in order."""
    rows = [
        MediaFile(kind=f.kind, origin=f.origin, ref=f.ref, name=f.name, mime=f.mime, size=f.size)
        for f in files
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def files(session: Session, ids: list[int]) -> tuple[File, ...]:
    """The files of these ids, in the order of the ids; unknown ids are left out."""
    if not ids:
        return ()
    found = {
        row.id: row.value()
        for row in session.scalars(select(MediaFile).where(MediaFile.id.in_(ids)))
    }
    return tuple(found[i] for i in ids if i in found)


class MediaFolder:
    """The sealed files that came through a channel with no store of its own (the page)."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def keep(self, content: bytes) -> str:
        """Seal `content` into the folder, durably; the name to ask for it by."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(16)
        with open(self._folder / name, "xb") as out:
            out.write(self._vault.seal_bytes(content))
            out.flush()
            os.fsync(out.fileno())
        return name

    def read(self, name: str) -> bytes:
        """What was kept under `name`. Raises FileNotFoundError."""
        if not name.isalnum():
            raise FileNotFoundError(name)
        return self._vault.open_bytes((self._folder / name).read_bytes())

    def remove(self, name: str) -> None:
        """Delete what was kept under `name`; nothing happens when it is gone already."""
        if name.isalnum():
            (self._folder / name).unlink(missing_ok=True)
