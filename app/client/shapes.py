"""What the API answers with, as far as this client says so; a newer site may send more. Times are RFC 3339."""

from typing import Any, TypedDict


class Message(TypedDict):
    """One turn: `role` is system, user or assistant."""

    role: str
    content: str


class Bearer(TypedDict):
    """Who a token belongs to, what it may do, and its owner's role by the id of each project."""

    user_id: int
    name: str
    scopes: list[str]
    roles: dict[str, str]


class Project(TypedDict):
    """A project."""

    id: int
    name: str


class Prompt(TypedDict):
    """A prompt: `status` is proposed, approved, rejected or complete."""

    id: int
    project_id: int
    status: str
    messages: list[Message]
    language: str
    external_id: str | None


class Draft(TypedDict):
    """A draft as it is stored. `revision` counts its saves."""

    assignment_id: int
    messages: list[Message]
    revision: int
    saved_at: str


class Saved(TypedDict):
    """The revision that is stored now; `held`: nobody else has your place in the prompt."""

    revision: int
    saved_at: str
    held: bool
    lease_expires_at: str | None


class Assignment(TypedDict):
    """A prompt that is leased to the writer, with the draft of the response."""

    id: int
    project_id: int
    prompt_id: int | None
    prompt_messages: list[Message]
    draft: Draft


class Submission(TypedDict):
    """A response that was handed in."""

    id: int
    project_id: int
    status: str


class TakenBack(TypedDict):
    """A consent that was taken back: how many responses are withdrawn by now, and when that was done."""

    created_at: str
    withdrawn: int
    finished_at: str | None


class ToReview(TypedDict):
    """What a reviewer decides on: the newest revision with its prompt, and the rubric of its guidelines."""

    submission_id: int
    revision: int
    prompt: list[Message]
    messages: list[Message]
    rubric: list[dict[str, str]]


class Review(TypedDict):
    """One decision on one revision."""

    id: int | None
    submission_id: int
    revision: int
    decision: str
    ratings: dict[str, float]
    note: str


class Dataset(TypedDict):
    """A named rule. `project` and `newest` stand only in the list over all projects."""

    id: int
    project_id: int
    name: str
    kind: str
    rule: dict[str, Any]
    rule_number: int
    created_at: str


class FoundDataset(Dataset):
    """A dataset with the name of its project and the number of its newest published version."""

    project: str
    newest: int | None


class Rule(TypedDict):
    """One of a dataset's rules, as JSON and in words, with who made it."""

    number: int
    rule: dict[str, Any]
    words: str
    note: str
    made_by: str
    made_at: str


class Preview(TypedDict):
    """What a version by a rule would hold now; `conditions` with how many rows each takes out."""

    words: str
    approved: int
    rows: int
    conditions: list[dict[str, Any]]
    categories: dict[str, int]
    splits: dict[str, int]
    overlap_from: int | None


class LeftOut(TypedDict):
    """A response that a rule leaves out, and the first condition that it does not meet."""

    submission_id: int
    reason: str


class Explanation(TypedDict):
    """Whether a dataset's rule takes a submission now, and what each condition says of it."""

    submission_id: int
    taken: bool
    answers: list[dict[str, Any]]


class Preparation(TypedDict):
    """How the next versions are prepared, what names that, and what the project has held out for ever."""

    preparation: dict[str, Any]
    mark: str
    kept_out: list[dict[str, Any]]


class Benchmark(TypedDict):
    """A file that new versions are compared with."""

    id: int
    name: str
    licence: str
    bytes: int
    sha256: str
    added_at: str


class Push(TypedDict):
    """A version sent to a hub: `address` is the commit once it is done."""

    repository: str
    is_private: bool
    status: str
    progress: str
    address: str
    failure: str
    asked_at: str


class File(TypedDict):
    """One file of a version; `sha256` in hex, `rows` null where it holds none."""

    name: str
    bytes: int
    sha256: str
    rows: int | None


class ModelFile(TypedDict):
    """One file of a finished run's model; `sha256` is null where an older Penset stored it."""

    name: str
    bytes: int
    sha256: str | None


class Version(TypedDict):
    """One version of a dataset. `content_hash` is the SHA-256 of its manifest.json, which names every other hash.

    `withdrawn`: how many of its rows were withdrawn since. `retired`: its files are gone, since a person was erased.
    """

    id: int
    project_id: int
    dataset_id: int
    number: int
    status: str
    progress: str
    failure: str
    counts: dict[str, int]
    content_hash: str | None
    published_at: str | None
    files: list[File]
    withdrawn: int
    retired: bool


class Change(TypedDict):
    """One row that two versions do not hold alike: a response, or a pair that people compared; null where it is not."""

    submission_id: int
    pair_id: int | None
    was: str | None
    split: str | None
    was_part: str | None
    part: str | None
    old_revision: int | None
    new_revision: int | None
    old_opinions: str | None
    new_opinions: str | None


class Diff(TypedDict):
    """Rows of each kind by split, how many left the test split (0, always), and a page of rows of one kind."""

    counts: dict[str, dict[str, int]]
    by_category: dict[str, dict[str, int]]
    left_test: int
    rows: list[Change]
    next_cursor: str | None


class Row(TypedDict):
    """Where a row of a version comes from. `id` is the row's in the files; `reviews` come oldest first.

    A pair that was imported has none, `guidelines` null and `annotator` empty.
    """

    id: str
    version_id: int
    split: str
    submission_id: int
    revision: int
    messages: list[Message]
    guidelines: int | None
    annotator: str
    reviews: list[Review]
    settled: dict[str, Any] | None
    versions: list[dict[str, Any]]
    more_versions: bool


class Seen(TypedDict):
    """A run on a version that holds a row; `as_split` train: it learned from it, unless it `drew` other rows.

    `through_run_id`: where it was made from the model of such a run, that run, of which the others tell.
    """

    run_id: int
    number: int
    version_id: int
    status: str
    as_split: str
    drew: int
    through_run_id: int | None


class RunData(TypedDict):
    """What a run learned from."""

    run_id: int
    dataset_id: int
    dataset: str
    version_id: int
    version: int
    content_hash: str | None
    rule: dict[str, Any]
    rule_in_words: str
    guidelines: list[int]
    rows: dict[str, int]


class Run(TypedDict):
    """One fine-tuning on one version: `status` is queued, running, stopping, stopped, done or failed."""

    id: int
    project_id: int
    version_id: int
    number: int
    base_model: str
    status: str
    failure: str
    plan: dict[str, Any]
    created_at: str


class Event(TypedDict, total=False):
    """One line of what a run's worker told. `kind` and `at` are always there. Losses are nats a response token."""

    kind: str
    at: str
    step: int
    total_steps: int
    loss: float
    validation_loss: float | None
    stage: str
    done: int
    total: int
    message: str
    reason: str


class Format(TypedDict):
    """A format of a version: `status` is empty until it is asked for, then queued, done or failed."""

    format: str
    title: str
    status: str
    failure: str
    files: list[File]


class DroppedRow(TypedDict):
    """A row to drop, by the `id` that it has in the files; `part` names its file."""

    id: str
    part: str


class Withdrawn(TypedDict):
    """What should no longer be used of a version. `retired`: a person was erased, and its files with them."""

    superseded: bool
    retired: bool
    dropped: int
    rows: list[DroppedRow]
