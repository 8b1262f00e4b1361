"""Both databases come up the same, go down and up again, and keep what is sealed unreadable."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session

import storage.tables
from storage.base import Base
from storage.conversations import Conversation
from storage.database import migrate, open_engine, revisions
from storage.people import Account, Person
from storage.vault import KeyFileError, Vault, open_vault


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_down_and_up_again(unmigrated_url: str, vault: Vault) -> None:
    engine = open_engine(unmigrated_url, vault)
    newest = revisions(engine)[1]
    assert revisions(engine) == (None, newest)
    migrate(engine)
    assert revisions(engine) == (newest, newest)
    assert tables(engine) == set(Base.metadata.tables)
    migrate(engine)  # nothing to do, nothing done
    migrate(engine, "base")
    assert revisions(engine) == (None, newest)
    assert tables(engine) == set()
    migrate(engine)
    assert tables(engine) == set(Base.metadata.tables)
    engine.dispose()


def test_one_step_down_and_up(unmigrated_url: str, vault: Vault) -> None:
    engine = open_engine(unmigrated_url, vault)
    migrate(engine)
    migrate(engine, "0001")
    assert revisions(engine)[0] == "0001"
    migrate(engine)
    assert revisions(engine)[0] == revisions(engine)[1]
    engine.dispose()


def test_models_and_migrations_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_has_one_parent() -> None:
    script = ScriptDirectory(str(Path(storage.tables.__file__).parent / "migrations"))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_a_migration_that_fails_changes_nothing(
    unmigrated_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(unmigrated_url, vault)

    def fail(name: str, *_columns: object, **_more: object) -> None:
        raise OperationalError(f"power cut before {name}", None, Exception())

    create = op.create_table
    made: list[str] = []

    def create_some(name: str, *columns: object, **more: object) -> object:
        made.append(name)
        return (create if len(made) < 4 else fail)(name, *columns, **more)

    monkeypatch.setattr(op, "create_table", create_some)
    with pytest.raises(OperationalError):
        migrate(engine)
    monkeypatch.undo()
    assert len(made) == 4
    assert tables(engine) == set()
    assert revisions(engine)[0] is None
    migrate(engine)
    assert tables(engine) == set(Base.metadata.tables)
    engine.dispose()


def test_sqlite_keeps_its_promises(sqlite_url: str, vault: Vault, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url, vault)
    migrate(engine)
    for _ in range(2):  # also on a connection that a migration has used
        with engine.connect() as connection, engine.connect() as second:
            for each in (connection, second):
                if each is second:
                    each.execution_options(reads=True)
                read = each.exec_driver_sql
                assert read("PRAGMA journal_mode").scalar() == "wal"
                assert read("PRAGMA synchronous").scalar() == 2, "2 is FULL"
                assert read("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_foreign_keys_are_kept(session: Session, now: datetime) -> None:
    session.add(Person(created_at=now, home_id=404))
    with pytest.raises(IntegrityError):
        session.commit()


def test_the_folder_is_made(tmp_path: Path, vault: Vault) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a/b/c.db", vault)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
    assert (tmp_path / "a/b/c.db").exists()


@pytest.mark.parametrize("url", ["mysql://root@localhost/x", "nonsense", ""])
def test_other_urls_are_refused(url: str, vault: Vault) -> None:
    with pytest.raises(ArgumentError):
        open_engine(url, vault)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_way_to_write_postgresql(scheme: str, vault: Vault) -> None:
    engine = open_engine(f"{scheme}://someone@localhost/x", vault)
    assert engine.dialect.driver == "psycopg"
    engine.dispose()


PHONE = "13800138000"


@pytest.fixture
def someone(session: Session, now: datetime) -> Person:
    person = Person(name="王五", phone=PHONE, created_at=now)
    session.add(person)
    session.flush()
    account = Account(
        person_id=person.id, channel="web", chat="1", last_used_at=now, created_at=now
    )
    session.add(account)
    session.flush()
    state = {"answers": [["what", "三楼漏水"]]}
    session.add(Conversation(account_id=account.id, name="诉求", state=state, updated_at=now))
    session.commit()
    session.expire_all()
    return person


def test_what_is_sealed_cannot_be_read(session: Session, someone: Person) -> None:
    raw = session.execute(text("SELECT phone FROM people")).scalar_one()
    assert PHONE not in raw
    assert raw.startswith("gAAAA")
    state = session.execute(text("SELECT state FROM conversations")).scalar_one()
    assert "漏水" not in state
    assert "answers" not in state
    assert someone.phone == PHONE
    kept = session.get(Conversation, 1)
    assert kept
    assert kept.state == {"answers": [["what", "三楼漏水"]]}


def test_no_file_of_the_database_holds_it(sqlite_url: str, vault: Vault, now: datetime) -> None:
    engine = open_engine(sqlite_url, vault)
    with Session(engine) as session:
        session.add(Person(phone=PHONE, created_at=now))
        session.commit()
    files = [path for path in Path.cwd().iterdir() if path.name.startswith("jiamenkou.db")]
    assert len(files) >= 2, "the file and its write-ahead log"
    assert not [path for path in files if PHONE.encode() in path.read_bytes()]
    engine.dispose()


def test_another_key_does_not_open_it(
    database_url: str, vault: Vault, tmp_path: Path, now: datetime
) -> None:
    ours = open_engine(database_url, vault)
    other = open_engine(database_url, open_vault(tmp_path / "other.key", create=True))
    with Session(ours) as session:
        session.add(Person(phone=PHONE, created_at=now))
        session.commit()
    with Session(other) as session, pytest.raises(KeyFileError):
        session.get(Person, 1)
    with Session(ours) as session:  # two engines in one process do not mix their keys up
        person = session.get(Person, 1)
        assert person
        assert person.phone == PHONE
    ours.dispose()
    other.dispose()


def test_a_moment_is_aware_and_utc(session: Session, now: datetime) -> None:
    session.add(Person(created_at=now))
    session.commit()
    session.expire_all()
    person = session.get(Person, 1)
    assert person
    assert person.created_at == now
    assert person.created_at.tzinfo is UTC
    assert person.consented_at is None
    # The same instant, told in another zone, is found.
    found = session.query(Person).filter_by(created_at=now.astimezone(ZoneInfo("UTC"))).count()
    assert found == 1


def test_a_moment_without_a_zone_is_refused(session: Session) -> None:
    session.add(Person(created_at=datetime(2026, 11, 23, 10, 0)))
    with pytest.raises(StatementError, match="a moment needs a time zone"):
        session.flush()
