"""Whether there is room on the disk for what the program keeps."""

from __future__ import annotations

import shutil
from pathlib import Path

from storage.database import sqlite_file

LEAST = 32 * 1024**2
"""Bytes: one message may bring 20 MB of photos, which are a third larger once they are sealed."""


def short_of_room(database_url: str, media_dir: Path) -> Path | None:
    """A folder that the program writes to and that has next to nothing left; None when all have.

    A PostgreSQL of its own looks after its own disk.
    """
    file = sqlite_file(database_url)
    for folder in ([file.parent] if file else []) + [media_dir]:
        there = folder.absolute()
        while not there.exists():
            there = there.parent
        if shutil.disk_usage(there).free < LEAST:
            return folder
    return None
