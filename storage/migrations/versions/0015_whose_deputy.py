"""an index of whose deputy somebody is: every message asks, and a county has 50,000 posts

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_posts_deputy_id", "posts", ["deputy_id"])


def downgrade() -> None:
    op.drop_index("ix_posts_deputy_id", table_name="posts")
