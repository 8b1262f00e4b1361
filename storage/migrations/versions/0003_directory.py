"""the directory that is searched

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_search_tables()


def downgrade() -> None:
    for table in ("directory_marks", "missed_searches", "need_words"):
        op.drop_table(table)


def _make_search_tables() -> None:
    """Words that admins teach, what was not found, and the mark that says what changed."""
    op.create_table(
        "need_words",
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("taught_by", sa.Integer(), nullable=True),
        sa.Column("taught_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["taught_by"], ["people.id"], name=op.f("fk_need_words_taught_by")),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_need_words")),
    )
    op.create_table(
        "missed_searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=100), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_searches")),
        sa.UniqueConstraint("text", name=op.f("uq_missed_searches_text")),
    )
    op.create_table(
        "directory_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_marks")),
    )
