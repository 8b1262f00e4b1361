"""an index of posts by role: who the admins are is asked for each alarm, whom one may pass a matter
on to for each 转交, and of a county's 50,000 posts nearly all are liaisons'

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_posts_role", "posts", ["role"])


def downgrade() -> None:
    op.drop_index("ix_posts_role", table_name="posts")
