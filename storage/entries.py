"""The directory of services around the corner (便民服务信息)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Entry(Base):
    """One shop or service. Its phone is public by intent: it is published to be called."""

    __tablename__ = "entries"
    __table_args__ = (UniqueConstraint("category", "name", "phone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(128), default="")
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    offers: Mapped[str] = mapped_column(String(256), default="")
    hours: Mapped[str] = mapped_column(String(64), default="")
