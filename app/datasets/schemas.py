"""What goes in and out of the API of datasets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import Field

from app.core.text import Name
from app.core.web import FormIn, In, Out
from app.datasets.lineage import Lineage
from app.datasets.models import DatasetKind, Split
from app.datasets.rule.forms import number
from app.datasets.rule.rules import Rule
from app.datasets.splits.preparation import Preparation
from app.review.schemas import ReviewOut, review_out


class NewDataset(In):
    """A dataset to begin."""

    name: Name
    rule: Rule = Rule()


class PreparationForm(FormIn):
    """How versions are prepared, from the form of the page: an empty share for no writers; `seen`: what it showed."""

    seen: str | None = None
    held_out_categories: list[int] = []
    held_out_writers: str = ""
    leave_out_overlap: str = ""

    def preparation(self) -> dict[str, Any]:
        """The preparation as JSON would say it; what is no number stays as it is and is refused by name."""
        return {
            "held_out_categories": self.held_out_categories,
            "held_out_writers": number(self.held_out_writers, int),
            "leave_out_overlap": number(self.leave_out_overlap, int),
        }


class DatasetOut(Out):
    """A dataset as the API shows it; `kind` says whether its rows are responses or preferences."""

    id: int
    project_id: int
    name: str
    kind: DatasetKind
    rule: dict[str, Any]
    rule_number: int
    created_at: datetime


class PreparationOut(Out):
    """How the next versions of a dataset are prepared, and what the project has held out for ever.

    `mark` is what If-Match names, without its quotes.
    """

    preparation: Preparation
    mark: str
    kept_out: list["KeptOutOut"]


class KeptOutOut(Out):
    """A writer (by pseudonym) or a category that is only tested on; `version_id` is the first version that did so."""

    kind: str
    name: str
    category_id: int | None
    version_id: int
    since: datetime | None


class DatasetList(Out):
    """A page of the datasets of a project, the oldest first."""

    datasets: list[DatasetOut]
    next_cursor: str | None


class FoundDataset(DatasetOut):
    """A dataset among those of all projects: the name of its project, the number of its newest published version."""

    project: str
    newest: int | None


class DatasetPage(Out):
    """A page of the datasets of all projects, the oldest first."""

    datasets: list[FoundDataset]
    next_cursor: str | None


class FileOut(Out):
    """One file of a version."""

    name: str
    bytes: int
    sha256: str
    rows: int | None


class VersionOut(Out):
    """A version as the API shows it; `files` is empty until it is published.

    `withdrawn`: how many of its rows were withdrawn since; `…/withdrawn` lists them. `retired`: a person was erased
    whose texts it held, so its files are gone.
    """

    id: int
    project_id: int
    dataset_id: int
    number: int
    rule_number: int | None
    status: str
    progress: str
    failure: str
    counts: dict[str, int]
    content_hash: str | None
    created_at: datetime
    published_at: datetime | None
    files: list[FileOut] = Field(default=[])
    withdrawn: int = 0
    retired: bool = False


class VersionList(Out):
    """A page of the versions of a dataset, newest first."""

    versions: list[VersionOut]
    next_cursor: str | None


class HeldOut(Out):
    """A published version that holds a submission: which revision, in which split."""

    version_id: int
    dataset: str
    number: int
    split: str
    revision: int


class SettledOut(Out):
    """Why a row is in its split: its cluster of `prompts` prompts much alike, settled last by this version.

    `split` is that of its prompt since; where it is another than the row's, the prompt was moved.
    """

    cluster: int
    prompts: int
    split: Split
    version_id: int
    dataset: str
    number: int


class RowOut(Out):
    """Where a row of a version comes from. `id` is the row's in the files, `part` the file's name without .jsonl.

    `versions` are the newest that hold it, a hundred at most; `more_versions`: there are older ones.
    """

    id: str
    version_id: int
    position: int
    split: str
    part: str
    submission_id: int
    prompt_id: int
    revision: int
    messages: list[dict[str, Any]]
    category: str
    language: str
    guidelines: int | None
    annotator: str
    licence: str
    source: str
    reviews: list[ReviewOut]
    settled: SettledOut | None
    versions: list[HeldOut]
    more_versions: bool

    @classmethod
    def of(cls, row: Lineage) -> Self:
        """The answer for a row that was traced."""
        return cls(
            id=row.row_id,
            version_id=row.version.id,
            position=row.position,
            split=row.split,
            part=row.part,
            submission_id=row.submission.id,
            prompt_id=row.prompt.id,
            revision=row.revision.number,
            messages=[*row.revision.prompt_messages, *row.revision.messages],
            category=row.category,
            language=row.prompt.language,
            guidelines=row.guidelines,
            annotator=row.annotator,
            licence=row.prompt.licence,
            source=row.prompt.source,
            reviews=[review_out(one, one.revision.number, one.reviewer.name) for one in row.reviews],
            settled=SettledOut.model_validate(row.settled) if row.settled else None,
            versions=[HeldOut.model_validate(one) for one in row.held],
            more_versions=row.held_more,
        )


class ChangeOut(Out):
    """One row that two versions do not hold alike; null on the side where it is not. Parts: files without `.jsonl`.

    A response has a `submission_id` and revisions; a pair that people compared has a `pair_id`, 0 for its submission,
    and how many of how many preferred its chosen response, as in "2 of 3".
    """

    submission_id: int
    pair_id: int | None = None
    was: str | None
    split: str | None
    was_part: str | None
    part: str | None
    old_revision: int | None
    new_revision: int | None
    old_opinions: str | None = None
    new_opinions: str | None = None


class DiffOut(Out):
    """What changed between two versions: rows of each kind by split and by category, and a page of one kind."""

    counts: Mapping[str, Mapping[str, int]]
    by_category: Mapping[str, Mapping[str, int]]
    left_test: int
    rows: list[ChangeOut]
    next_cursor: str | None
