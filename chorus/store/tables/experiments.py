"""Experiments, their arms and their trials."""

from sqlalchemy import BigInteger, Column, DateTime, Double, ForeignKey, Integer, Table, Text, UniqueConstraint, Uuid

from chorus.domain.experiment import Choice, TrialStatus
from chorus.store.tables.columns import (
    belongs_to,
    created,
    enum,
    id_column,
    json_column,
    metadata,
    number,
    refers_to,
    text_column,
)

experiment = Table(
    "experiment",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    json_column("design"),
    Column("at_once", Integer),
    Column("judge", Text),
    Column("judged_until", DateTime(timezone=True)),
    Column("judge_error", Text),
    Column("judge_tokens", BigInteger),
    Column("judge_usd", Double),
    created(),
)

arm = Table(
    "arm",
    metadata,
    id_column(),
    belongs_to("experiment_id", "experiment"),
    number("number"),
    Column("name", Text, nullable=False),
    json_column("settings"),
    UniqueConstraint("experiment_id", "number"),
)

trial = Table(
    "trial",
    metadata,
    id_column(),
    belongs_to("experiment_id", "experiment", index=True),
    belongs_to("arm_id", "arm"),
    number("premise_number"),
    number("repeat"),
    refers_to("story_id", "story"),
    refers_to("run_id", "run"),
    Column("status", enum("trial_status", TrialStatus), nullable=False),
    json_column("measures"),
    UniqueConstraint("arm_id", "premise_number", "repeat"),
)

trial_plan = Table(
    "trial_plan",
    metadata,
    Column("experiment_id", Uuid, ForeignKey("experiment.id", ondelete="CASCADE"), primary_key=True),
    Column("premise_number", Integer, primary_key=True, autoincrement=False),
    refers_to("story_id", "story"),
    refers_to("run_id", "run"),
)

vote = Table(
    "vote",
    metadata,
    id_column(),
    belongs_to("experiment_id", "experiment", index=True),
    belongs_to("first_id", "trial"),
    belongs_to("second_id", "trial"),
    Column("choice", enum("vote_choice", Choice), nullable=False),
    text_column("judge"),
    text_column("note"),
    created(),
)

mark = Table(
    "mark",
    metadata,
    Column("trial_id", Uuid, ForeignKey("trial.id", ondelete="CASCADE"), primary_key=True),
    Column("judge", Text, primary_key=True),
    *[Column(name, Integer, nullable=False) for name in ("plot", "characters", "coherence", "prose", "ending")],
    text_column("reason"),
    created(),
)
