"""who stands in for one leave: before, one deputy on the posts stood in for all of them

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("says_deputy", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("deputy_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_absences_deputy_id"), "people", ["deputy_id"], ["id"])
        batch_op.create_index("ix_absences_deputy_id", ["deputy_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index("ix_absences_deputy_id")
        batch_op.drop_constraint(op.f("fk_absences_deputy_id"), type_="foreignkey")
        batch_op.drop_column("deputy_id")
        batch_op.drop_column("says_deputy")
