"""what a receipt needs to follow all rows of one household, its corrections, and who is reminded

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("receipt_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_outbox_receipt_id",
            ["receipt_id"],
            unique=False,
            sqlite_where=sa.text("receipt_id IS NOT NULL"),
            postgresql_where=sa.text("receipt_id IS NOT NULL"),
        )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("edit_version", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("changing", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
    # A correction that is under way just now goes on.
    notices = sa.table(
        "notices", sa.column("changing"), sa.column("state"), sa.column("text_version")
    )
    op.execute(
        notices.update()
        .where(notices.c.text_version > 1, notices.c.state.in_(("sending", "paused")))
        .values(changing=sa.true())
    )


def downgrade() -> None:
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_column("remind_at")
        batch_op.drop_column("changing")
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.drop_column("edit_version")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_receipt_id")
        batch_op.drop_column("receipt_id")
