"""Rankings: responses to one prompt that people put in order on one page, how they lay, and what was said."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Base, Words, one_of
from app.core.leases import Leased
from app.preferences.models import Purpose


class RankingState(StrEnum):
    """open → done with the last opinion wanted, and back by an undo; closed with its set, or once a text is gone."""

    OPEN = "open"
    DONE = "done"
    CLOSED = "closed"


class Ordered(StrEnum):
    """What a person says of responses that they are asked to put in order."""

    ORDERED = "ordered"
    CANNOT_JUDGE = "cannot_judge"
    SKIPPED = "skipped"


class Ranking(Leased, Base):
    """Responses to one prompt that people put in order on one page. The other columns are as those of a pair.

    It becomes all its pairs: these name it, are closed from the beginning, and are never judged by themselves.
    """

    __tablename__ = "rankings"
    __table_args__ = (
        CheckConstraint(one_of("state", RankingState), name="state"),
        CheckConstraint("cardinality(response_ids) BETWEEN 2 AND 9", name="responses"),
        CheckConstraint("opinions BETWEEN 0 AND wanted", name="opinions"),
        Index(None, "set_id", "state"),
        Index("ix_rankings_open", "project_id", "certainty", "answered", "id", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id"))
    comparison_prompt_id: Mapped[int] = mapped_column(ForeignKey("comparison_prompts.id"))
    response_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    not_for: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    answered: Mapped[bool]
    certainty: Mapped[float] = mapped_column(default=0.0, server_default="0")
    wanted: Mapped[int]
    opinions: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[RankingState] = mapped_column(Words(RankingState), default=RankingState.OPEN)


class Ordering(Base):
    """A ranking that was laid before one person: `laid` in this order, from above, and the place that each was given.

    `places` are 1 for the best, without gaps, equal for what is as good. `purpose` is plain or repeat.
    """

    __tablename__ = "orderings"
    __table_args__ = (
        CheckConstraint("purpose IN ('plain', 'repeat')", name="purpose"),
        CheckConstraint(one_of("said", Ordered), name="said"),
        CheckConstraint("(said IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint(
            "cardinality(places) = CASE WHEN said = 'ordered' THEN cardinality(laid) ELSE 0 END", name="places"
        ),
        UniqueConstraint("ranking_id", "person_id", "purpose"),
        Index(None, "person_id", "project_id", "answered_at"),
        Index(None, "set_id", "answered_at"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id"))
    ranking_id: Mapped[int] = mapped_column(ForeignKey("rankings.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[Purpose] = mapped_column(Words(Purpose))
    laid: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    said: Mapped[Ordered | None] = mapped_column(Words(Ordered))
    places: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    seconds: Mapped[int | None]
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    offered_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    answered_at: Mapped[datetime | None]

    ranking: Mapped[Ranking] = relationship(lazy="raise")
