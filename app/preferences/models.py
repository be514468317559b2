"""Comparison sets: prompts, responses to them, the pairs of these, and what one person at a time judged blindly."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base, Words, one_of
from app.core.leases import Leased
from app.datasets.models import HeldOut, Part, Split

# The sources that are no run's, as figures name them.
PEOPLE, CHOSEN, REJECTED, BETWEEN = "People", "Imported: chosen", "Imported: not chosen", "Imported: in between"


class SetState(StrEnum):
    """open → closed: nothing of a closed set is judged any more."""

    OPEN = "open"
    CLOSED = "closed"


class SourceKind(StrEnum):
    """Where a response comes from."""

    PERSON = "person"
    RUN = "run"
    IMPORTED = "imported"


class PairState(StrEnum):
    """open → done with the last opinion wanted, and back by an undo; closed with its set, or once a text is gone.

    A known pair is one whose better response is vouched for: met now and then, unmarked, and never counted.
    """

    OPEN = "open"
    DONE = "done"
    CLOSED = "closed"
    KNOWN = "known"


class Choice(StrEnum):
    """What a person says of two responses, as they lay before them."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    BOTH_BAD = "both_bad"
    CANNOT_JUDGE = "cannot_judge"
    SKIPPED = "skipped"


class Strength(StrEnum):
    """By how much the better one is better."""

    SLIGHTLY = "slightly"
    CLEARLY = "clearly"
    BY_FAR = "by_far"


class Purpose(StrEnum):
    """Why a person was given a pair: to judge it, to meet a known one, or to judge it again with the sides swapped."""

    PLAIN = "plain"
    KNOWN = "known"
    REPEAT = "repeat"


class PromptRule(StrEnum):
    """Which prompts models are asked: unanswered ones first and never one of the test split, or just those."""

    UNANSWERED = "unanswered"
    TEST = "test"


class GenerationState(StrEnum):
    """queued → running → done, or failed, or cancelled; from these two back to queued."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


AT_WORK = (GenerationState.QUEUED, GenerationState.RUNNING)


class ComparisonSet(Base):
    """Prompts with the responses that are compared. `rule` says in words what was taken, `left_out` what was not.

    `ranks`: at most so many responses are put in order on one page; 0 where pairs are judged. `opinions`: how many
    people judge each pair or ranking. `asks_strength`: whether they say by how much. Of `check_every` comparisons one
    is a known pair or a repeated one; 0: none. `measures_only`: it holds prompts of the test split, so
    nothing of it may ever be trained on. `figures` is what was last made of the judgements, at `figured_at`; `habits`
    whom they count as one-sided (`figures.OneSided`), None until they were made so.
    """

    __tablename__ = "comparison_sets"
    __table_args__ = (
        CheckConstraint(one_of("state", SetState), name="state"),
        CheckConstraint("opinions BETWEEN 1 AND 9", name="opinions"),
        CheckConstraint("check_every BETWEEN 0 AND 100", name="check_every"),
        CheckConstraint("ranks = 0 OR ranks BETWEEN 3 AND 9", name="ranks"),
        UniqueConstraint("project_id", "name"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    rule: Mapped[str]
    left_out: Mapped[str] = mapped_column(default="", server_default="")
    ranks: Mapped[int] = mapped_column(default=0, server_default="0")
    opinions: Mapped[int]
    asks_strength: Mapped[bool]
    check_every: Mapped[int]
    measures_only: Mapped[bool]
    state: Mapped[SetState] = mapped_column(Words(SetState), default=SetState.OPEN)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    habits: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    figured_at: Mapped[datetime | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Generation(Base):
    """The answers that a set asks of models, and how far it is: its pairs are there once it is done.

    `run_ids`: whose models answer; with `bases` also the models of the list that these runs began with, with `people`
    also what was approved here. At most `most` prompts. The same `temperature`, `max_tokens` and `seed` for each
    answer: asked with these, the playground says the same. `about_run_id`: whose report is completed by the set.
    """

    __tablename__ = "generations"
    __table_args__ = (
        CheckConstraint(one_of("state", GenerationState), name="state"),
        CheckConstraint(one_of("prompts", PromptRule), name="prompts"),
        Index(None, "about_run_id"),
    )

    asks_models = True  # as its set's page asks of whatever a set waits for

    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    state: Mapped[GenerationState] = mapped_column(Words(GenerationState), default=GenerationState.QUEUED)
    run_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    bases: Mapped[bool]
    people: Mapped[bool]
    prompts: Mapped[PromptRule] = mapped_column(Words(PromptRule))
    most: Mapped[int]
    temperature: Mapped[float]
    max_tokens: Mapped[int]
    seed: Mapped[int]
    about_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    failure: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ComparisonPrompt(Base):
    """A prompt of a set as it stood when the set was made. `prompt_id` where it is one of the project's own.

    `answered`: people have written a response to it that was approved.
    """

    __tablename__ = "comparison_prompts"
    __table_args__ = (
        Index(None, "set_id"),
        Index(None, "prompt_id"),
        Index("ix_comparison_prompts_words", "messages", postgresql_using="hash"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id"))
    prompt_id: Mapped[int | None] = mapped_column(ForeignKey("prompts.id"))
    messages: Mapped[list[dict[str, Any]]]
    language: Mapped[str]
    answered: Mapped[bool]


class ComparedResponse(Base):
    """One response to a prompt of a set. Where it comes from is told to nobody who may still judge it.

    `source` is its name in the figures; `details` holds what else is known: an importer's id, its licence.
    """

    __tablename__ = "compared_responses"
    __table_args__ = (
        CheckConstraint(one_of("kind", SourceKind), name="kind"),
        CheckConstraint("(kind = 'person') = (submission_id IS NOT NULL)", name="submission"),
        Index(None, "comparison_prompt_id"),
        Index(None, "submission_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id"))
    comparison_prompt_id: Mapped[int] = mapped_column(ForeignKey("comparison_prompts.id"))
    messages: Mapped[list[dict[str, Any]]]
    kind: Mapped[SourceKind] = mapped_column(Words(SourceKind))
    source: Mapped[str]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ComparisonPair(Leased, Base):
    """Two responses to one prompt. `not_for`: who wrote, edited or decided on one of them, and so never judges it.

    `ranking_id` where the two are put in order with others: then it is closed from the beginning, and counts no
    opinions.

    `certainty` is how far from even the newest figures see its outcome, 0 to 0.5; before there are any, 0.
    `known_better_id`: the response that is vouched for. `opinions` counts what was judged and not taken back.
    """

    __tablename__ = "comparison_pairs"
    __table_args__ = (
        CheckConstraint(one_of("state", PairState), name="state"),
        CheckConstraint("first_id < second_id", name="order"),
        CheckConstraint("opinions BETWEEN 0 AND wanted", name="opinions"),
        CheckConstraint("(state = 'known') <= (known_better_id IS NOT NULL)", name="known"),
        UniqueConstraint("first_id", "second_id"),
        Index(None, "set_id", "state"),
        Index(None, "ranking_id"),
        Index(
            "ix_comparison_pairs_open",
            "project_id",
            "certainty",
            "answered",
            "id",
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_comparison_pairs_known", "project_id", "id", postgresql_where=text("state = 'known'")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id"))
    comparison_prompt_id: Mapped[int] = mapped_column(ForeignKey("comparison_prompts.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("compared_responses.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("compared_responses.id"))
    known_better_id: Mapped[int | None] = mapped_column(ForeignKey("compared_responses.id"))
    ranking_id: Mapped[int | None] = mapped_column(ForeignKey("rankings.id"))
    not_for: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    answered: Mapped[bool]
    certainty: Mapped[float] = mapped_column(default=0.0, server_default="0")
    wanted: Mapped[int]
    opinions: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[PairState] = mapped_column(Words(PairState), default=PairState.OPEN)


class Comparison(Base):
    """A pair that was laid before one person, with the side on which each response lay, and what they said of it.

    `seconds` from the moment it was offered. `undone` counts how often they took their word back. `ordering_id` where
    it follows from an order: then left is what lay further up.
    """

    __tablename__ = "comparisons"
    __table_args__ = (
        CheckConstraint(one_of("purpose", Purpose), name="purpose"),
        CheckConstraint(one_of("choice", Choice), name="choice"),
        CheckConstraint(one_of("strength", Strength), name="strength"),
        CheckConstraint("(choice IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("strength IS NULL OR choice IN ('left', 'right')", name="strength_of_a_choice"),
        UniqueConstraint("pair_id", "person_id", "purpose"),
        Index(None, "person_id", "project_id", "answered_at"),
        Index(None, "set_id", "answered_at"),
        Index(None, "ordering_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id"))
    pair_id: Mapped[int] = mapped_column(ForeignKey("comparison_pairs.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[Purpose] = mapped_column(Words(Purpose))
    ordering_id: Mapped[int | None] = mapped_column(ForeignKey("orderings.id"))
    left_id: Mapped[int] = mapped_column(ForeignKey("compared_responses.id"))
    choice: Mapped[Choice | None] = mapped_column(Words(Choice))
    strength: Mapped[Strength | None] = mapped_column(Words(Strength))
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    seconds: Mapped[int | None]
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    offered_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    answered_at: Mapped[datetime | None]

    pair: Mapped[ComparisonPair] = relationship(lazy="raise")


class PreferenceRow(Base):
    """One row of a version of a preference dataset: a pair as people had judged it by then. Append-only.

    `agreed` of `opinions` people chose the response that is `chosen_id`; `strength`, by how much half of these or more
    said it is better, is empty where nobody was asked.
    """

    __tablename__ = "preference_rows"
    __table_args__ = (
        CheckConstraint(one_of("split", Split), name="split"),
        CheckConstraint(one_of("held_out", HeldOut), name="held_out"),
        CheckConstraint("2 * agreed > opinions", name="majority"),
        Index(None, "pair_id"),
        Index(None, "chosen_id"),
        Index(None, "rejected_id"),
        Index(None, "version_id", "split", "position"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    split: Mapped[Split] = mapped_column(Words(Split))
    held_out: Mapped[HeldOut | None] = mapped_column(Words(HeldOut))
    pair_id: Mapped[int] = mapped_column(ForeignKey("comparison_pairs.id"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))
    chosen_id: Mapped[int] = mapped_column(ForeignKey("compared_responses.id"))
    rejected_id: Mapped[int] = mapped_column(ForeignKey("compared_responses.id"))
    opinions: Mapped[int]
    agreed: Mapped[int]
    strength: Mapped[str]

    @property
    def part(self) -> Part:
        """The file in which the row lies."""
        return Part.of(self.split, self.held_out)
