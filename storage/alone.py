"""A SQLite file has one program: a lock beside it, which the system lets go when that one dies.

Only `python -m bot run` takes it. Commands that read or write a little go on working beside it.
"""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # a system without such locks, where nothing is promised
    fcntl = None  # type: ignore[assignment]


class NotAlone(Exception):
    """Another process runs on this file."""


class Alone:
    """The lock on the database file at `path`, from here until `let_go` or the process's end.

    It is no lock on the file itself, which SQLite has its own of. Raises NotAlone, or OSError where
    nothing can be written beside the file.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # By its real name: the same file may have two.
        real = path.resolve()
        self._file = os.open(
            real.with_name(f"{real.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise NotAlone from None
        except OSError:
            os.close(self._file)
            raise

    def let_go(self) -> None:
        """Another process may have it. The file stays: to delete it would make two of it."""
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        os.close(self._file)
