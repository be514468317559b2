"""How far the making of a comparison set is, and of what it is made."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, Words, one_of
from app.preferences.models import GenerationState


class Making(Base):
    """What a set is made of; its pairs are there once the state is done. A set of an older Penset has none.

    `people`: approved responses; `run_ids`: what these said; `pairs`: those of a file as they were sent, kept until the
    set is made. `failure`: why it could not be made: then nothing of it is stored, and the next one may have its name.
    """

    __tablename__ = "makings"
    __table_args__ = (CheckConstraint(one_of("state", GenerationState), name="state"),)

    asks_models = False

    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    state: Mapped[GenerationState] = mapped_column(Words(GenerationState), default=GenerationState.QUEUED)
    people: Mapped[bool]
    run_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    pairs: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    failure: Mapped[str] = mapped_column(default="", server_default="")
