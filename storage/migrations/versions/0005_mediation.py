"""mediation

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _moment(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "mediations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        _moment("opened_at", nullable=False),
        _moment("next_at"),
        _moment("ended_at"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_mediations_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediations")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_mediations_ticket_id")),
    )
    op.create_index("ix_mediations_next_at", "mediations", ["next_at"], unique=False)
    op.create_table(
        "mediation_sides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mediation_id", sa.Integer(), nullable=False),
        sa.Column("filer", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        _moment("gone_at"),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_sides_mediation_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mediation_sides_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_sides")),
    )
    for column in ("mediation_id", "person_id"):
        name = op.f(f"ix_mediation_sides_{column}")
        op.create_index(name, "mediation_sides", [column], unique=False)
    op.create_table(
        "mediation_meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mediation_id", sa.Integer(), nullable=False),
        _moment("at", nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        _moment("proposed_at", nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        _moment("evening_at"),
        _moment("hour_at"),
        _moment("asked_at"),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_meetings_mediation_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["people.id"], name=op.f("fk_mediation_meetings_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_meetings")),
    )
    name = op.f("ix_mediation_meetings_mediation_id")
    op.create_index(name, "mediation_meetings", ["mediation_id"], unique=False)
    op.create_table(
        "mediation_agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mediation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("blame", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        _moment("drafted_at", nullable=False),
        sa.Column("drafted_by", sa.Integer(), nullable=False),
        _moment("agreed_at"),
        _moment("replaced_at"),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["media.id"], name=op.f("fk_mediation_agreements_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["people.id"], name=op.f("fk_mediation_agreements_drafted_by")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_agreements_mediation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_agreements")),
        sa.UniqueConstraint(
            "mediation_id", "number", name=op.f("uq_mediation_agreements_mediation_id_number")
        ),
    )
    op.create_table(
        "mediation_follow_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        _moment("due_at", nullable=False),
        _moment("asked_at"),
        _moment("done_at"),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["mediation_agreements.id"],
            name=op.f("fk_mediation_follow_ups_agreement_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_follow_ups")),
    )
    name = op.f("ix_mediation_follow_ups_agreement_id")
    op.create_index(name, "mediation_follow_ups", ["agreement_id"], unique=False)
    op.create_table(
        "mediation_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("side_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _moment("at", nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["people.id"], name=op.f("fk_mediation_answers_noted_by")
        ),
        sa.ForeignKeyConstraint(
            ["side_id"], ["mediation_sides.id"], name=op.f("fk_mediation_answers_side_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_answers")),
    )
    op.create_index(
        "ix_mediation_answers_about", "mediation_answers", ["about", "about_id"], unique=False
    )


def downgrade() -> None:
    for table in (
        "mediation_answers",
        "mediation_follow_ups",
        "mediation_agreements",
        "mediation_meetings",
        "mediation_sides",
        "mediations",
    ):
        op.drop_table(table)
