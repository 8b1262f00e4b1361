"""The categories (类别) that stand in the directory."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.entries import Entry


def categories(session: Session) -> list[str]:
    """Every category, those with the most entries first."""
    query = select(Entry.category).group_by(Entry.category)
    return list(session.scalars(query.order_by(func.count().desc(), Entry.category)))
