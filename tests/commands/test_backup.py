"""`python -m bot backup`: a whole copy while somebody writes, and no more than there is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from bot.__main__ import app
from storage import people
from storage.database import open_engine
from storage.media import MediaFolder
from storage.people import Person
from storage.vault import Vault
from tests.clocks import A_MORNING

PHONE = "19955550001"


def back_up(folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["backup", str(folder)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_copy_is_whole_and_forgets_what_was_deleted(
    sqlite_url: str, vault: Vault, key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An rsync without --delete kept for ever the papers that residents were told are gone."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("KEY_FILE", str(key_file))
    monkeypatch.setenv("MEDIA_DIR", str(tmp_path / "media"))
    media = MediaFolder(tmp_path / "media", vault)
    paper, photo = media.keep(b"an identity card"), media.keep(b"a lamp")
    engine = open_engine(sqlite_url, vault)
    there = tmp_path / "there"
    with Session(engine) as session:
        session.add(Person(name="李示例", created_at=A_MORNING))
        session.flush()
        people.set_phone(session, session.query(Person).one(), PHONE, proven=True)
        session.commit()
        session.execute(text("UPDATE people SET name = 'halb'"))  # somebody is writing
        code, said = back_up(there)
        session.rollback()
    assert code == 0, said
    assert "共 2 个，新抄 2 个。" in said
    assert f"{key_file} 没有抄进来" in said
    [copy] = there.glob("*.db")
    assert copy.stat().st_mode & 0o077 == 0
    assert {one.name for one in there.iterdir()} == {copy.name, "media"}
    restored = open_engine(f"sqlite:///{copy}", vault)
    with Session(restored) as session:
        found = people.find_by_phone(session, PHONE)
        assert found is not None
        assert (found.name, found.phone) == ("李示例", PHONE)
    restored.dispose()
    engine.dispose()
    assert MediaFolder(there / "media", vault).read(photo) == b"a lamp"

    media.remove(paper)
    monkeypatch.setattr("bot.commands.backup.system_clock", lambda: A_MORNING)
    assert "共 1 个，新抄 0 个，删掉 1 个" in back_up(there)[1]
    assert [one.name for one in (there / "media").iterdir()] == [photo]
    media.remove(photo)  # as good as a wrong MEDIA_DIR: what is there stays
    (there / copy.name).unlink()
    monkeypatch.setattr("bot.commands.backup.system_clock", lambda: A_MORNING.replace(year=2027))
    assert "共 1 个" in back_up(there)[1]


def test_what_cannot_be_copied_is_said(
    tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_FILE", str(key_file))
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@127.0.0.1/x")
    code, said = back_up(tmp_path / "there")
    assert (code, "pg_dump" in said, "secret" in said) == (1, True, False)
    file = tmp_path / "data" / "x.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    assert "没有东西可备份" in back_up(tmp_path / "there")[1]
    file.parent.mkdir()
    sqlite3.connect(file).close()
    file.write_bytes(b"a shopping list, " * 500)
    code, said = back_up(tmp_path / "there")
    assert (code, "没有备份成" in said) == (1, True)
    assert not list((tmp_path / "there").glob("*.db*"))
    assert "另选一个" in back_up(file.parent)[1]
    (tmp_path / "taken").write_text("")
    assert "写不进" in back_up(tmp_path / "taken")[1]
