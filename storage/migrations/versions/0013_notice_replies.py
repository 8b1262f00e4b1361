"""what people answer to a notice, and which messages said it

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "notices",
        sa.Column("wants_reply", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("notices", sa.Column("source", sa.JSON(), nullable=True))
    op.create_table(
        "notice_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_replies_notice_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notice_replies_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["building_id"], ["areas.id"], name=op.f("fk_notice_replies_building_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_replies")),
    )
    with op.batch_alter_table("notice_replies", schema=None) as batch_op:
        batch_op.create_index("ix_notice_replies_notice_id", ["notice_id", "id"], unique=False)
        batch_op.create_index(
            "ix_notice_replies_message", ["channel", "chat", "message_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("notice_replies")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_column("source")
        batch_op.drop_column("wants_reply")
