"""What keeps personal data unreadable on the disk: one key file, sealing, and lookup by keyed hash.

The key file has one key a line: ``seal <Fernet key>`` (the first seals, all of them open, so keys
can be rotated by putting a new one first) and one ``find <key>`` for the keyed hashes.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class KeyFileError(Exception):
    """The key file is missing or damaged; the message says which file and what to do."""


class Vault:
    """Seals and opens text, and hashes what must be found again without being readable."""

    def __init__(self, seal_keys: list[bytes], find_key: bytes) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in seal_keys])
        self._find_key = find_key

    def seal(self, text: str) -> str:
        """`text` as an encrypted token (ASCII)."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, token: str) -> str:
        """The text behind a token. Raises KeyFileError when another key sealed it."""
        try:
            return self._fernet.decrypt(token.encode("ascii")).decode()
        except (InvalidToken, UnicodeEncodeError):
            raise KeyFileError(
                "a sealed value cannot be opened: the key file is not the one it was written with"
            ) from None

    def seal_bytes(self, content: bytes) -> bytes:
        """`content`, encrypted."""
        return self._fernet.encrypt(content)

    def open_bytes(self, token: bytes) -> bytes:
        """What `seal_bytes` was given. Raises KeyFileError as `open` does."""
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            raise KeyFileError("a sealed file cannot be opened with this key file") from None

    def digest(self, *parts: str) -> str:
        """A keyed hash of `parts` (64 hex digits): equal for equal parts, not to be reversed."""
        joined = "\x1f".join(parts).encode()
        return hmac.new(self._find_key, joined, hashlib.sha256).hexdigest()


def open_vault(path: Path, *, create: bool) -> Vault:
    """The vault whose keys stand in `path`; made (mode 0600) when `create` and there is none.

    Raises KeyFileError when the file is missing (and not to be made) or damaged.
    """
    if create and not path.exists():
        _write_new_keys(path)
    try:
        lines = path.read_text("ascii").split("\n")
        pairs = [line.split(" ", 1) for line in lines if line.strip()]
        seal = [value.encode() for name, value in pairs if name == "seal"]
        find = [value.encode() for name, value in pairs if name == "find"]
        if not seal or len(find) != 1 or len(bytes.fromhex(find[0].decode())) != 32:
            # A find key cut short would still hash, and nobody would be found any more.
            raise ValueError("needs a 'seal' line and one 'find' line of 64 digits")
        return Vault(seal, find[0])
    except FileNotFoundError:
        raise KeyFileError(
            f"the key file {path} is missing: put it back from your backup beside the database"
        ) from None
    except ValueError:
        raise KeyFileError(
            f"the key file {path} is damaged: put it back from your backup"
        ) from None


def _write_new_keys(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = f"seal {Fernet.generate_key().decode()}\nfind {secrets.token_hex(32)}\n"
    # Written whole beside it first, and put in place only where there is none yet: neither a crash
    # nor a second process that starts at once may leave half a key, or two.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
