"""What is stored for the overview: tallies of the other rooms' rows, kept by triggers (migration 0012)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, Words


class What(StrEnum):
    """What is counted. The last three by the hour in which it happened, the others at the epoch."""

    PROPOSED = "proposed"
    OPEN = "open"
    IN_REVIEW = "in_review"
    HANDED_IN = "handed_in"
    APPROVED = "approved"
    DECIDED = "decided"


class Tally(Base):
    """A part of one count: the count is the sum of `n` over the rows of a project, a thing and an hour.

    No verb writes it. Whoever changes what is counted changes a row that no other transaction has changed and not yet
    committed, so that nobody waits for anybody (decision 0013).
    """

    __tablename__ = "tallies"
    __table_args__ = (Index(None, "project_id", "what", "hour"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    what: Mapped[What] = mapped_column(Words(What))
    hour: Mapped[datetime]
    n: Mapped[int]
