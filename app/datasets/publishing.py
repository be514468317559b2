"""Publishing a version: one snapshot, files first, the row last. Killed anywhere and called again, it ends the same."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from app.core.database import change_one
from app.core.errors import Conflict
from app.core.storage import Storage
from app.datasets.card import card
from app.datasets.files import DATA_FILES, FileFact, keep
from app.datasets.models import PromptSplit, Split, Version, VersionRow, VersionStatus
from app.datasets.near import THRESHOLD, clusters
from app.datasets.queries import BATCH
from app.datasets.rows import line_of, row_of
from app.datasets.rules import Sieve, checked_rule, in_words
from app.datasets.splits import METHOD, Placed, settle
from app.projects.models import Guidelines
from app.prompts.models import Prompt
from app.review.queries import approved_revisions
from app.writing.models import Submission

NEAR_DUPLICATES = f"Jaccard similarity of the prompts' character trigrams of {THRESHOLD} and more"
Tell = Callable[[str], None]


@dataclass
class Written:
    """What the files hold, gathered while they were written."""

    criteria: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    splits: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    guidelines: set[int] = field(default_factory=set)

    def count(self, row: Mapping[str, Any], split: Split) -> None:
        """Remember a row that was written."""
        self.rows.append(
            {
                "split": split,
                "submission_id": row["submission_id"],
                "revision_id": row["revision_id"],
                "prompt_id": row["prompt_id"],
            }
        )
        self.splits[split.value] += 1
        self.categories[row["category"] or ""] += 1
        self.licences[row["licence"]] += 1
        self.languages[row["language"]] += 1
        self.guidelines.add(row["guidelines"])


def begin(session: Session, version_id: int) -> Version | None:
    """Take a queued version, or one whose worker died, into work. None when it was published already."""
    taken = (
        update(Version)
        .where(Version.id == version_id, Version.status.in_([VersionStatus.QUEUED, VersionStatus.RUNNING]))
        .values(status=VersionStatus.RUNNING, progress="Reading what is approved")
        .returning(Version)
    )
    version: Version | None = session.scalar(taken)
    return version


@dataclass(frozen=True)
class Made:
    """A version whose files are in storage and whose rows are not listed yet."""

    written: Written
    manifest: dict[str, Any]
    content_hash: str
    split_of: Mapping[int, Split]
    cluster_of: Mapping[int, int]


def make(session: Session, storage: Storage, version_id: int, tell: Tell) -> Made:
    """Read one snapshot (the caller's repeatable read) and put the files into storage. Nothing is listed yet."""
    version = session.get_one(Version, version_id, options=[joinedload(Version.dataset)])
    tell("Finding near duplicates")
    split_of, cluster_of = settle_splits(session, version)
    with tempfile.TemporaryDirectory(prefix="penset-publish-") as name:
        folder = Path(name)
        tell("Writing the files")
        written = write_files(session, version, split_of, folder)
        manifest = manifest_of(session, version, written, [keep(storage, folder / file) for file in DATA_FILES])
        write_beside(manifest, written, folder)
        beside = [keep(storage, folder / file) for file in ("manifest.json", "README.md")]
    manifest["beside"] = {fact.name: described(fact) for fact in beside}
    return Made(written, manifest, beside[0].sha256, split_of, cluster_of)


def publish(session: Session, version_id: int, made: Made) -> None:
    """List a version whose files are stored: its rows, the splits that its prompts keep, and last its state."""
    version = session.get_one(Version, version_id)
    keep_splits(session, version, made.split_of, made.cluster_of)
    list_version(session, version, made)


def found(session: Session, version: Version, sieve: Sieve) -> Iterator[Mapping[str, Any]]:
    """The rows of the version's rule, streamed in the order of prompts and submissions."""
    approved = approved_revisions(version.project_id).order_by(None).order_by(Submission.prompt_id, Submission.id)
    for row in session.execute(approved.execution_options(yield_per=BATCH)).mappings():
        taken = dict(row)
        if sieve.takes(taken):
            yield taken


def settle_splits(session: Session, version: Version) -> tuple[dict[int, Split], Mapping[int, int]]:
    """The split and the cluster of each prompt: near duplicates of every prompt that was ever split count too."""
    categories: dict[int, str] = {}
    texts: list[tuple[int, str]] = []
    for row in found(session, version, Sieve(checked_rule(version.rule))):
        if row["prompt_id"] not in categories:
            categories[row["prompt_id"]] = row["category"] or ""
            texts.append((row["prompt_id"], asked(row["prompt_messages"])))
    kept: dict[int, Split] = {}
    earlier = (
        select(PromptSplit.prompt_id, PromptSplit.split, Prompt.messages)
        .join(Prompt, Prompt.id == PromptSplit.prompt_id)
        .where(PromptSplit.project_id == version.project_id)
    )
    for prompt_id, split, messages in session.execute(earlier):
        kept[prompt_id] = split
        if prompt_id not in categories:
            texts.append((prompt_id, asked(messages)))
    cluster_of = clusters(texts)
    placed = [Placed(prompt_id, cluster_of[prompt_id], categories.get(prompt_id, "")) for prompt_id, _ in texts]
    return settle(placed, kept, salt=str(version.project_id)), cluster_of


def asked(messages: Sequence[Mapping[str, Any]]) -> str:
    """What a prompt asks, as near duplicates are looked for: the users' turns."""
    return "\n".join(one["content"] for one in messages if one["role"] == "user")


def write_files(session: Session, version: Version, split_of: Mapping[int, Split], folder: Path) -> Written:
    """The three data files, row by row; memory holds a few numbers a row, never the texts."""
    criteria = rating_keys(session, version.project_id)
    written = Written(criteria=criteria)
    with ExitStack() as stack:
        files = {split: stack.enter_context((folder / f"{split}.jsonl").open("wb")) for split in Split}
        for row in found(session, version, Sieve(checked_rule(version.rule))):
            split = split_of[row["prompt_id"]]
            files[split].write(line_of(row_of(row, criteria)))
            written.count(row, split)
    return written


def rating_keys(session: Session, project_id: int) -> list[str]:
    """The criteria of every rubric that the project has had, in a fixed order: one shape for all rows."""
    rubrics = session.scalars(select(Guidelines.rubric).where(Guidelines.project_id == project_id))
    return sorted({item["key"] for rubric in rubrics for item in rubric})


def manifest_of(session: Session, version: Version, written: Written, facts: Sequence[FileFact]) -> dict[str, Any]:
    """What manifest.json says. Nothing in it depends on the machine or the time."""
    rule = checked_rule(version.rule)
    return {
        "dataset": version.dataset.name,
        "version": version.number,
        "parent": parent_number(session, version),
        "rule": rule.model_dump(),
        "rule_in_words": in_words(rule),
        "guidelines": sorted(written.guidelines),
        "rating_keys": written.criteria,
        "splits": {"method": METHOD, "near_duplicates": NEAR_DUPLICATES},
        "files": {
            fact.name: {"rows": written.splits[fact.name.removesuffix(".jsonl")], **described(fact)} for fact in facts
        },
    }


def parent_number(session: Session, version: Version) -> int | None:
    """The number of the version before this one."""
    return session.scalar(select(Version.number).where(Version.id == version.parent_id))


def described(fact: FileFact) -> dict[str, Any]:
    """A file's size and hash as the manifest lists them."""
    return {"bytes": fact.bytes, "sha256": fact.sha256}


def write_beside(manifest: dict[str, Any], written: Written, folder: Path) -> None:
    """The manifest and the card."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, "utf-8", newline="\n")
    words = card(manifest, written.categories, written.licences, written.languages)
    (folder / "README.md").write_text(words, "utf-8", newline="\n")


def keep_splits(
    session: Session, version: Version, split_of: Mapping[int, Split], cluster_of: Mapping[int, int]
) -> None:
    """Remember each prompt's split for every later version of the project."""
    rows = [
        {
            "prompt_id": prompt_id,
            "project_id": version.project_id,
            "cluster": cluster_of[prompt_id],
            "split": split,
            "settled_in": version.id,
        }
        for prompt_id, split in split_of.items()
    ]
    for start in range(0, len(rows), BATCH):
        statement = insert(PromptSplit).values(rows[start : start + BATCH])
        changed = {"split": statement.excluded.split, "cluster": statement.excluded.cluster}
        session.execute(statement.on_conflict_do_update(index_elements=["prompt_id"], set_=changed))


def list_version(session: Session, version: Version, made: Made) -> None:
    """Store which rows the version holds, and list it: the last thing that happens."""
    rows = [{"version_id": version.id, "position": n, **row} for n, row in enumerate(made.written.rows, 1)]
    for start in range(0, len(rows), BATCH):
        session.execute(insert(VersionRow), rows[start : start + BATCH])
    listed = (
        update(Version)
        .where(Version.id == version.id, Version.status == VersionStatus.RUNNING)
        .values(
            status=VersionStatus.PUBLISHED,
            counts={split.value: made.written.splits[split.value] for split in Split},
            manifest=made.manifest,
            content_hash=made.content_hash,
            progress="",
            published_at=func.now(),
        )
    )
    change_one(session, listed, otherwise=Conflict("datasets.published_by_another", "Another worker published it."))


def fail(session: Session, version_id: int, failure: str) -> None:
    """Write down why a version could not be published."""
    session.execute(
        update(Version)
        .where(Version.id == version_id, Version.status == VersionStatus.RUNNING)
        .values(status=VersionStatus.FAILED, failure=failure, progress="")
    )
