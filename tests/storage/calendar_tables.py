"""The tables of working time, for a database whose migrations do not make them yet."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from storage.base import Base
from storage.calendars import CalendarDay, CalendarRule


@pytest.fixture(autouse=True)
def calendar_tables(session: Session) -> None:
    """Make them where they are missing."""
    tables = [Base.metadata.tables[model.__tablename__] for model in (CalendarRule, CalendarDay)]
    Base.metadata.create_all(session.connection(), tables=tables)
    session.commit()
