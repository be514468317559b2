"""What the API says of one pair of a version."""

from datetime import datetime
from typing import Any, Literal, Self

from app.core.web import Out
from app.datasets.schemas import SettledOut
from app.preferences.models import Choice, ComparedResponse, SourceKind, Strength
from app.preferences.versions.lineage import HeldPair, PairLineage, Said
from app.training.schemas import SeenOut
from app.training.seen import Saw


class PairResponseOut(Out):
    """One response and whose it is: a person's `submission_id`, a model's `run_id`, or a file's `details`. All of it is
    null, and `details` empty, while it is withheld."""

    messages: list[dict[str, Any]]
    kind: SourceKind | None
    source: str | None
    submission_id: int | None
    run_id: int | None
    details: dict[str, Any]

    @classmethod
    def of(cls, one: ComparedResponse, *, withheld: bool) -> Self:
        """The answer for a response of a published pair."""
        if withheld:
            return cls(messages=one.messages, kind=None, source=None, submission_id=None, run_id=None, details={})
        return cls.model_validate(one)


class OpinionOut(Out):
    """What one person, by pseudonym, said of the pair. `prefers`: chosen or rejected, null for neither of them.

    `again`: they met it once more, with the sides swapped, which counts for no version. `later`: they said it after
    this version was published, so it is not counted in it. `guidelines`: the version of these that they had.
    """

    judge: str
    prefers: Literal["chosen", "rejected"] | None
    choice: Choice
    strength: Strength | None
    reasons: list[str]
    again: bool
    later: bool
    guidelines: int | None
    at: datetime

    @classmethod
    def of(cls, one: Said, chosen_id: int) -> Self:
        """The answer for an opinion."""
        which = "chosen" if one.prefers == chosen_id else "rejected"
        return cls(**vars(one) | {"prefers": which if one.prefers else None, "reasons": list(one.reasons)})


class HeldPairOut(Out):
    """A published version that holds the pair: in which split, and whether the same response is chosen there."""

    version_id: int
    dataset: str
    number: int
    split: str
    opinions: int
    agreed: int
    same_chosen: bool

    @classmethod
    def of(cls, one: HeldPair) -> Self:
        """The answer for such a version."""
        return cls(
            version_id=one.version.id,
            dataset=one.version.dataset.name,
            number=one.version.number,
            split=one.part.in_split,
            opinions=one.opinions,
            agreed=one.agreed,
            same_chosen=one.same_chosen,
        )


class PairRowOut(Out):
    """Where a pair of a version comes from. `id` is the row's in the files, `part` the file's name without .jsonl.

    `withheld`: an open set still holds something of its prompt that waits for judges or may come again, or you still
    judge in its set, so sources and opinions are not told yet.
    """

    id: str
    version_id: int
    position: int
    split: str
    part: str
    pair_id: int
    ranking_id: int | None
    set_id: int
    set: str
    prompt_id: int
    prompt: list[dict[str, Any]]
    category: str
    language: str
    withheld: bool
    chosen: PairResponseOut
    rejected: PairResponseOut
    opinions: list[OpinionOut]
    settled: SettledOut | None
    versions: list[HeldPairOut]
    more_versions: bool
    runs: list[SeenOut]
    more_runs: bool

    @classmethod
    def of(cls, found: PairLineage, saw: Saw) -> Self:
        """The answer for a pair that was traced."""
        return cls(
            id=found.row_id,
            version_id=found.version.id,
            position=found.row.position,
            split=found.row.split,
            part=found.row.part,
            pair_id=found.pair.id,
            ranking_id=found.pair.ranking_id,
            set_id=found.set.id,
            set=found.set.name,
            prompt_id=found.prompt.id,
            prompt=found.asked.messages,
            category=found.category,
            language=found.language,
            withheld=bool(found.withheld),
            chosen=PairResponseOut.of(found.chosen, withheld=bool(found.withheld)),
            rejected=PairResponseOut.of(found.rejected, withheld=bool(found.withheld)),
            opinions=[OpinionOut.of(one, found.chosen.id) for one in found.said],
            settled=SettledOut.model_validate(found.settled) if found.settled else None,
            versions=[HeldPairOut.of(one) for one in found.held],
            more_versions=found.held_more,
            runs=[SeenOut.of(one) for one in saw.runs],
            more_runs=saw.more,
        )
