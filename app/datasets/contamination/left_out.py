"""Why is a response in or out, benchmarks included? A version's report says which rows go for what they repeat."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.storage import Storage
from app.datasets.contamination.benchmarks import in_use
from app.datasets.files import REPORT, open_file, version_files
from app.datasets.models import Dataset, Version
from app.datasets.queries import newest_published
from app.datasets.rule.preview import Explanation, why_in_or_out
from app.datasets.rule.rules import checked_rule
from app.datasets.rule.selection import Answer
from app.datasets.splits.preparation import checked_preparation
from app.datasets.withdrawn import is_retired
from app.writing.models import Submission


def why(session: Session, storage: Storage, actor: Actor, dataset: Dataset, submission_id: int) -> Explanation:
    """Why a dataset takes a submission or not: each condition of its rule, and what it leaves out of what repeats a
    benchmark. NotFound where the submission does not exist for this actor."""
    found = why_in_or_out(session, actor, dataset.project_id, checked_rule(dataset.rule), submission_id)
    if not found.taken or (limit := overlap_limit(session, dataset)) is None:
        return found
    repeated = repetition(session, storage, dataset, session.get_one(Submission, submission_id), limit)
    return replace(found, taken=repeated.met is not False, answers=[*found.answers, repeated])


def overlap_limit(session: Session, dataset: Dataset) -> int | None:
    """From how many percent of an item of a benchmark the next version leaves a row out; None where it leaves none."""
    limit = checked_preparation(dataset.preparation).leave_out_overlap
    return limit if limit is not None and in_use(session, dataset.project_id) else None


def repetition(session: Session, storage: Storage, dataset: Dataset, submission: Submission, limit: int) -> Answer:
    """What the newest version found of a response, if that leaves it out of the next one. Whatever it did not name is
    asked when that is published: to compare takes too long for a page."""
    phrase = f"holds less than {limit} % of an item of a benchmark"
    names = {one.name for one in in_use(session, dataset.project_id)}
    row_id = f"s{submission.id}-r{submission.current_revision}"
    for number, row in reported(session, storage, newest_published(session, dataset.id)):
        if row["id"] == row_id and row["benchmark"] in names and row["percent"] >= limit:
            said = f"{row['percent']} % of line {row['line']} of {row['benchmark']}, as version {number} found"
            return Answer("benchmarks", phrase, said, met=False)
    return Answer("benchmarks", phrase, "looked at when a version is published", met=None)


def reported(session: Session, storage: Storage, version: Version | None) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows that a version's report names, each with the version's number; none where it has no report any more."""
    if version is None or is_retired(session, version.id):
        return
    if any(fact.name == REPORT for fact in version_files(version)):
        for row in json.loads(b"".join(open_file(storage, version, REPORT)))["rows"]:
            yield version.number, row
