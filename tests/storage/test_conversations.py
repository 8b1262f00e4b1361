"""Where a conversation stands is one object as long as its transaction lasts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storage import conversations, people


def test_a_savepoint_that_is_taken_back_does_not_part_who_shares_a_bookmark(
    engine: Engine, now: datetime
) -> None:
    """What one of them wrote was then overwritten by the other, who had an older copy."""
    with Session(engine) as session:
        account = people.account(session, "telegram", "9", "", now).id
        mine = conversations.of(session, account, now)
        session.begin_nested().rollback()
        theirs = conversations.of(session, account, now)
        assert theirs is mine
        theirs.misses = 3
        conversations.keep(session, theirs)
        mine.name = "request"
        conversations.keep(session, mine)
        session.commit()
        kept = conversations.of(session, account, now)
        assert kept is not mine
        assert (kept.name, kept.misses) == ("request", 3)
        kept.misses = 4
        session.rollback()
        assert conversations.of(session, account, now).misses == 3


def test_a_savepoint_takes_back_what_was_changed_in_it(engine: Engine, now: datetime) -> None:
    """A conversation that was begun in it was written to a row that was gone, so never kept."""
    with Session(engine) as session:
        older = people.account(session, "telegram", "9", "", now).id
        newer = people.account(session, "telegram", "8", "", now).id
        mine = conversations.of(session, older, now)
        mine.name, mine.state = "request", {"answers": [["story", "灯坏了"]]}
        savepoint = session.begin_nested()
        mine.name, mine.state, mine.misses = "wish", {}, 2
        conversations.keep(session, mine)
        conversations.of(session, newer, now)
        savepoint.rollback()
        assert (mine.name, mine.misses) == ("request", 0)
        assert mine.state == {"answers": [["story", "灯坏了"]]}
        fresh = conversations.of(session, newer, now)
        fresh.name = "help"
        conversations.keep(session, fresh)
        session.commit()
        assert conversations.of(session, newer, now).name == "help"
