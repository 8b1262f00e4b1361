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
    _make_care_tables()
    _make_exchange_tables()


def downgrade() -> None:
    for table in (
        "exchange_introductions",
        "exchange_listings",
        "referrals",
        "entry_showings",
        "entry_reports",
        "directory_marks",
        "missed_searches",
        "need_words",
    ):
        op.drop_table(table)
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_column("down_since")
        batch_op.drop_column("verified_on")


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


def _make_care_tables() -> None:
    """What keeps entries right, and whose turn it is."""
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("down_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "entry_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_entry_reports_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_entry_reports_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_reports")),
    )
    with op.batch_alter_table("entry_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_reports_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_entry_reports_open", ["settled_at", "entry_id"], unique=False)
    op.create_table(
        "entry_showings",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_entry_showings_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_showings")),
    )
    with op.batch_alter_table("entry_showings", schema=None) as batch_op:
        batch_op.create_index("ix_entry_showings_turn", ["turn"], unique=False)
    op.create_table(
        "referrals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.String(length=8), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_referrals_entry_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_referrals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    with op.batch_alter_table("referrals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referrals_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referrals_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_referrals_asked_at", ["asked_at", "taken_at"], unique=False)


def _make_exchange_tables() -> None:
    """供需对接."""
    op.create_table(
        "exchange_listings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("wants_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id"], ["areas.id"], name=op.f("fk_exchange_listings_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people.id"], name=op.f("fk_exchange_listings_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_exchange_listings_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["wants_id"], ["exchange_listings.id"], name=op.f("fk_exchange_listings_wants_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_listings")),
    )
    with op.batch_alter_table("exchange_listings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exchange_listings_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index("ix_exchange_listings_state", ["state", "expires_at"], unique=False)
    op.create_table(
        "exchange_introductions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_says", sa.Boolean(), nullable=True),
        sa.Column("need_says", sa.Boolean(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["need_id"], ["exchange_listings.id"], name=op.f("fk_exchange_introductions_need_id")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["exchange_listings.id"], name=op.f("fk_exchange_introductions_offer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_introductions")),
        sa.UniqueConstraint(
            "offer_id", "need_id", name=op.f("uq_exchange_introductions_offer_id_need_id")
        ),
    )
    with op.batch_alter_table("exchange_introductions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exchange_introductions_need_id"), ["need_id"], unique=False
        )
        batch_op.create_index(
            "ix_exchange_introductions_ended_at", ["ended_at", "made_at"], unique=False
        )
