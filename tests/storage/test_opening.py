"""Database and key open together: a lost key was once replaced by a new one that opens nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from storage import people
from storage.opening import open_database
from storage.people import Person
from storage.vault import KeyFileError


def lived_in(url: str, key_file: Path, now: datetime) -> None:
    engine, _ = open_database(url, key_file)
    with Session(engine) as session, session.begin():
        person = Person(name="某某", created_at=now)
        session.add(person)
        people.set_phone(session, person, "13800000001", proven=True)
    engine.dispose()


def test_a_new_house_gets_a_key(unmigrated_url: str, tmp_path: Path) -> None:
    engine, _ = open_database(unmigrated_url, tmp_path / "key")
    engine.dispose()
    assert (tmp_path / "key").exists()


def test_a_lost_key_is_not_replaced(unmigrated_url: str, tmp_path: Path, now: datetime) -> None:
    lived_in(unmigrated_url, tmp_path / "key", now)
    (tmp_path / "key").unlink()
    with pytest.raises(KeyFileError):
        open_database(unmigrated_url, tmp_path / "key")
    assert not (tmp_path / "key").exists()


def test_another_key_is_not_taken(unmigrated_url: str, tmp_path: Path, now: datetime) -> None:
    lived_in(unmigrated_url, tmp_path / "key", now)
    engine, _ = open_database(f"sqlite:///{tmp_path}/other.db", tmp_path / "other")
    engine.dispose()
    with pytest.raises(KeyFileError):
        open_database(unmigrated_url, tmp_path / "other")


def test_the_right_key_opens_it_again(unmigrated_url: str, tmp_path: Path, now: datetime) -> None:
    lived_in(unmigrated_url, tmp_path / "key", now)
    engine, _ = open_database(unmigrated_url, tmp_path / "key")
    with Session(engine) as session:
        found = people.find_by_phone(session, "138 0000 0001")
        assert found is not None
        assert found.phone == "13800000001"
    engine.dispose()
