"""Who looked at what is somebody's safety, and who did what an admin may be asked about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class AuditLine(Base):
    """One look or one deed. actor_id is None for the command line."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(256), default="")


def note(
    session: Session,
    at: datetime,
    actor_id: int | None,
    action: str,
    subject: str,
    reason: str = "",
) -> None:
    """Write one line; `subject` is a kind and an id (``ticket:12``), never personal data."""
    session.add(
        AuditLine(at=at, actor_id=actor_id, action=action, subject=subject, reason=reason[:256])
    )
