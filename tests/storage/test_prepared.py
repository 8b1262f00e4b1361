"""What runs past SQLAlchemy gives and refuses what SQLAlchemy would (storage/prepared.py)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import Engine, Table, bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from storage.database import is_outage, open_engine
from storage.outbox import OutboundMessage, OutState
from storage.people import Person
from storage.prepared import Prepared, parameters
from storage.vault import Vault

TABLE = cast("Table", OutboundMessage.__table__)
PUT = Prepared(insert(TABLE).values(parameters(TABLE, but=("ticket_id",))).returning(TABLE.c.id))
READ = Prepared(select(*TABLE.columns).where(TABLE.c.id == bindparam("ref")))
MARK = Prepared(
    update(TABLE)
    .where(TABLE.c.id == bindparam("ref"))
    .values(state=OutState.SENT, uncertain=True, sent_at=bindparam("now"))
)


def a_row(number: int, now: datetime) -> dict[str, object]:
    return {
        "id": number, "channel": "web", "chat": "1", "payload": {"text": "您好“%s”"},
        "card_for": None, "edits": None, "priority": 0, "state": OutState.QUEUED,
        "uncertain": False, "once": True, "attempts": 2, "not_before": now, "message_id": None,
        "reason": "", "created_at": now, "sent_at": None,
    }  # fmt: skip


def test_rows_are_as_sqlalchemy_writes_and_reads_them(session: Session, now: datetime) -> None:
    assert PUT.rows(session, **a_row(7, now)) == [(7,)]
    assert MARK.rows(session, ref=7, now=now + timedelta(hours=1)) == []
    found = READ.first(session, ref=7)
    assert found == tuple(session.execute(select(*TABLE.columns)).one())
    kept = dict(zip(TABLE.columns.keys(), found or (), strict=True))
    assert kept["payload"] == {"text": "您好“%s”"}
    assert kept["uncertain"] is True
    assert kept["once"] is True
    assert kept["state"] == OutState.SENT
    assert kept["sent_at"] == now + timedelta(hours=1)
    assert kept["sent_at"].utcoffset() == timedelta(0)
    assert READ.first(session, ref=8) is None


def test_what_is_sealed_is_not_readable_in_the_row(session: Session, now: datetime) -> None:
    PUT.rows(session, **a_row(7, now))
    raw = session.execute(text("SELECT payload FROM outbox")).scalar_one()
    assert "您好" not in raw


def test_a_refusal_is_the_same_and_tells_no_values(session: Session, now: datetime) -> None:
    PUT.rows(session, **a_row(7, now))
    with pytest.raises(IntegrityError) as refused:
        PUT.rows(session, **a_row(7, now))
    assert "您好" not in str(refused.value)
    assert not is_outage(refused.value)


def test_a_lost_connection_is_an_outage_and_is_not_used_again(
    postgres_url: str, vault: Vault
) -> None:
    engine = open_engine(postgres_url, vault, pool_size=1)
    try:
        with Session(engine) as session:
            pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with engine.connect() as other, other.begin():
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            with pytest.raises(DBAPIError) as lost:
                READ.first(session, ref=1)
            assert lost.value.connection_invalidated
            assert is_outage(lost.value)
        with Session(engine) as session:
            assert READ.first(session, ref=1) is None
    finally:
        engine.dispose()


def test_it_is_part_of_the_transaction(engine: Engine, now: datetime) -> None:
    with Session(engine) as session:
        session.add(Person(name="王阿姨", created_at=now))
        PUT.rows(session, **a_row(7, now))
        session.rollback()
    with Session(engine) as session:
        assert READ.first(session, ref=7) is None
        PUT.rows(session, **a_row(8, now))
        session.commit()
    with Session(engine) as session:
        assert READ.first(session, ref=8) is not None
