"""A copy of what the program keeps, made while it runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


class BadCopy(Exception):
    """What was copied is not whole, or could not be copied."""


@dataclass(frozen=True, slots=True)
class MediaCopied:
    """How many files came new, how many were taken away, how many there are now."""

    added: int
    removed: int
    kept: int


def copy_database(file: Path, to: Path) -> None:
    """Copy a SQLite database, as it is at one moment, into a new file that only its owner reads.

    Whoever writes meanwhile is not held up. Raises OSError or BadCopy; then there is no file `to`.
    """
    part = to.with_name(f"{to.name}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        source = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
        with closing(source), closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # so that it is this one file
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise BadCopy(found)
        part.rename(to)
    except sqlite3.Error as error:
        raise BadCopy(str(error)) from None
    finally:
        part.unlink(missing_ok=True)


def copy_media(source: Path, to: Path) -> MediaCopied:
    """Make the files of one folder stand in another. What the program has deleted since (papers
    whose time was over) is deleted there too, unless all would be."""
    names = {one.name for one in source.iterdir()} if source.is_dir() else set()
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = {one.name for one in to.iterdir()}
    added = 0
    for name in sorted(names - there):
        part = to / f".{name}.part"
        try:
            shutil.copyfile(source / name, part)
        except FileNotFoundError:  # deleted meanwhile
            continue
        part.chmod(0o600)
        part.rename(to / name)
        added += 1
    gone = there - names if names else set()
    for name in gone:
        (to / name).unlink()
    return MediaCopied(added, len(gone), len(there) + added - len(gone))
