"""The key file: made once, kept to its owner, rotated, and missed in plain words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import KeyFileError, Vault, open_vault


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.key"
    vault = open_vault(path, create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_text()
    again = open_vault(path, create=True)
    assert path.read_text() == content
    assert again.open(vault.seal("王五")) == "王五"
    assert again.digest("13800138000") == vault.digest("13800138000")


def test_two_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    for _ in range(20):
        path.unlink(missing_ok=True)
        with ThreadPoolExecutor(8) as pool:
            vaults = list(pool.map(lambda _: open_vault(path, create=True), range(8)))
        assert len({vault.digest("x") for vault in vaults}) == 1


@given(st.text(), st.binary())
def test_what_is_sealed_opens_again(vault: Vault, said: str, content: bytes) -> None:
    token = vault.seal(said)
    assert token.isascii()
    assert vault.open(token) == said
    assert vault.open_bytes(vault.seal_bytes(content)) == content


def test_a_digest_tells_its_parts_apart(vault: Vault) -> None:
    assert vault.digest("ab", "c") != vault.digest("a", "bc")
    assert vault.digest("a") == vault.digest("a")
    assert len(vault.digest("a")) == 64


def test_rotation(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    old = open_vault(path, create=True)
    token = old.seal("王五")
    path.write_text(f"seal {Fernet.generate_key().decode()}\n{path.read_text()}")
    new = open_vault(path, create=False)
    assert new.open(token) == "王五"
    assert new.digest("1") == old.digest("1"), "numbers are still found"
    with pytest.raises(KeyFileError):
        old.open(new.seal("李四"))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    with pytest.raises(KeyFileError, match=r"a\.key is missing: put it back from your backup"):
        open_vault(path, create=False)
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"seal\n",
        b"seal not-a-key\nfind 00\n",
        b"find 00\n",
        b"\xff\xfe\n",
        "seal 钥匙\nfind 00\n".encode(),
        b"seal dGVzdHMgb25seSwgbmV2ZXIgYSByZWFsIGtleSAhISE=\n",
        b"nonsense",
    ],
)
def test_a_damaged_file_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"a\.key") as caught:
        open_vault(path, create=True)
    assert "dGVzdHMg" not in str(caught.value), "an error message holds no key"
    assert path.read_bytes() == content, "a damaged key file is evidence, and is left alone"


def test_a_damaged_token_says_so(vault: Vault) -> None:
    token = vault.seal("王五")
    for damaged in (token[:-6], "", token[::-1], "王五"):
        with pytest.raises(KeyFileError):
            vault.open(damaged)
    with pytest.raises(KeyFileError):
        vault.open_bytes(b"\x00")
