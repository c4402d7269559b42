"""Experiments: plans that trials share, and votes on what was written."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "trial_plan",
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("premise_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiment.id"], name="fk_trial_plan_experiment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_trial_plan_run_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_trial_plan_story_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("experiment_id", "premise_number", name="pk_trial_plan"),
    )
    op.create_index("ix_trial_plan_run_id", "trial_plan", ["run_id"], unique=False)
    op.create_index("ix_trial_plan_story_id", "trial_plan", ["story_id"], unique=False)
    op.create_table(
        "vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("experiment_id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.Enum("first", "second", "neither", name="vote_choice_enum"), nullable=False),
        sa.Column("judge", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["experiment_id"], ["experiment.id"], name="fk_vote_experiment_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["first_id"], ["trial.id"], name="fk_vote_first_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["second_id"], ["trial.id"], name="fk_vote_second_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_vote"),
    )
    op.create_index("ix_vote_experiment_id", "vote", ["experiment_id"], unique=False)


def downgrade() -> None:
    """Step back."""
    op.drop_table("vote")
    op.drop_table("trial_plan")
    op.execute("DROP TYPE vote_choice_enum")
