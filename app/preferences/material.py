"""What is there to compare? Prompts with the responses of people, of runs' models, of a file. Nothing here writes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.near_join import clusters
from app.datasets.queries import learned_prompts, test_prompts
from app.preferences.lines import ImportedPair
from app.preferences.models import BETWEEN, CHOSEN, PEOPLE, REJECTED, SourceKind
from app.projects.models import Project
from app.prompts.fingerprints import question
from app.prompts.messages import one_turn
from app.review.queries import approved_revisions, judges_of
from app.training.blind import words_of
from app.training.models import Run
from app.training.queries import reports_of
from app.training.worker.report import SEEN
from app.writing.models import Submission

ROW_ID = re.compile(r"s([0-9]{1,18})-r[0-9]{1,9}")
Turns = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Answer:
    """One response: its words, where it comes from, and who knows whose it is; its id where it is stored already."""

    messages: Turns
    kind: SourceKind
    source: str
    submission_id: int | None = None
    run_id: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    not_for: frozenset[int] = frozenset()
    response_id: int | None = None


@dataclass
class Asked:
    """A prompt with its responses; `known`: places of a better and a worse one for which somebody vouches."""

    messages: Turns
    language: str
    prompt_id: int | None = None
    answers: list[Answer] = field(default_factory=list)
    known: set[tuple[int, int]] = field(default_factory=set)

    @property
    def answered(self) -> bool:
        """Whether people of this project have answered it."""
        return any(one.kind is SourceKind.PERSON for one in self.answers)

    def add(self, answer: Answer) -> int:
        """Put in a response, or find the same words; its place. What a file calls better here and worse there lies
        in between."""
        for place, one in enumerate(self.answers):
            if one.messages == answer.messages:
                between = {one.source, answer.source} == {CHOSEN, REJECTED}
                self.answers[place] = replace(
                    one, source=BETWEEN if between else one.source, not_for=one.not_for | answer.not_for
                )
                return place
        self.answers.append(answer)
        return len(self.answers) - 1


def key_of(messages: Turns) -> str:
    """What makes two prompts the same: every word of them, and who says it."""
    return words_of(messages)


def of_people(session: Session, project_id: int) -> dict[str, Asked]:
    """What people wrote here that was approved, by prompt; what was imported is nobody's here."""
    judges = judges_of(session, project_id)
    found: dict[str, Asked] = {}
    for row in session.execute(approved_revisions(project_id)).mappings():
        if row["author_id"] is None:
            continue
        asked = found.setdefault(
            key_of(row["prompt_messages"]), Asked(row["prompt_messages"], row["language"], row["prompt_id"])
        )
        knows = judges.get(row["submission_id"], set()) | {row["author_id"]}
        answer = Answer(
            row["messages"], SourceKind.PERSON, PEOPLE, row["submission_id"], not_for=frozenset(map(int, knows))
        )
        asked.add(answer)
    return found


def with_imported(asked: Mapping[str, Asked], pairs: Iterable[ImportedPair]) -> dict[str, Asked]:
    """The same prompts with what a file says to them, and the prompts that are the file's alone."""
    found = dict(asked)
    for pair in pairs:
        one = found.setdefault(key_of(pair.prompt), Asked(pair.prompt, pair.language))
        better, worse = (
            one.add(Answer(messages, SourceKind.IMPORTED, source, details=pair.details))
            for messages, source in ((pair.chosen, CHOSEN), (pair.rejected, REJECTED))
        )
        if pair.known and better != worse:
            one.known.add((better, worse))
    return found


def of_runs(session: Session, project_id: int, run_ids: Sequence[int]) -> dict[str, Asked]:
    """What finished runs, and the models that they began with, said to prompts that they never saw; with the person's
    response that the report holds beside, where its author is known."""
    runs, reports = runs_of(session, run_ids), reports_of(session, run_ids)
    number_of = numbers_of(session, [run.reference_run_id for run in runs if run.reference_run_id])
    people = of_people(session, project_id)
    written = {one.submission_id: one for asked in people.values() for one in asked.answers}
    prompt_of = prompts_of(session, project_id, reports.values())
    found: dict[str, Asked] = {}
    for run in runs:
        for sample in reports[run.id]["samples"] if run.id in reports else ():
            if sample["split"] == SEEN:
                continue
            key = key_of(sample["messages"])
            known, submission_id = people.get(key), submission_of(sample)
            asked = found.setdefault(
                key, Asked(sample["messages"], known.language if known else "", prompt_of.get(submission_id))
            )
            if response := written.get(submission_id):
                asked.add(response)
            for text, source, run_id in said_by(run, sample, number_of):
                if text:
                    asked.add(Answer(one_turn(text, "assistant"), SourceKind.RUN, source, run_id=run_id))
    return found


def runs_of(session: Session, run_ids: Sequence[int]) -> list[Run]:
    """These runs in the order in which they were named. Ask first whether they may be seen."""
    found = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(run_ids)))}
    return [found[run_id] for run_id in run_ids]


def stand_before_erasure(session: Session, project_id: int) -> None:
    """Whoever is erased meanwhile is erased before or after, not between what is read and what is stored."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(read=True))


def said_by(run: Run, sample: Mapping[str, Any], number_of: Mapping[int, int]) -> list[tuple[str, str, int]]:
    """Each text of a report's answer that a model said, with its source and the run that leads to it. "before" is the
    base model's word, or that of the run which is its reference; "base" is then the base model's."""
    base, reference = f"Base model {run.base_model}", run.reference_run_id
    first = (f"Run {number_of[reference]}", reference) if reference else (base, run.id)
    return [(sample["base"], base, run.id), (sample["before"], *first), (sample["after"], f"Run {run.number}", run.id)]


def numbers_of(session: Session, run_ids: Sequence[int]) -> dict[int, int]:
    """By run, the number by which people know it."""
    return dict(session.execute(select(Run.id, Run.number).where(Run.id.in_(run_ids))).all())


def submission_of(sample: Mapping[str, Any]) -> int:
    """Which submission the row of a report's answer was made of; 0 where that cannot be told."""
    row = ROW_ID.fullmatch(sample["id"])
    return int(row[1]) if row else 0


def prompts_of(session: Session, project_id: int, reports: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    """By submission, whatever became of it, the prompt that it answers: with its author its words go from here, too."""
    ids = {submission_of(sample) for report in reports for sample in report["samples"]}
    of_these = select(Submission.id, Submission.prompt_id).where(
        Submission.project_id == project_id, Submission.id.in_(ids)
    )
    return dict(session.execute(of_these).all())


def without_test(session: Session, project_id: int, asked: Mapping[str, Asked]) -> dict[str, Asked]:
    """Those prompts that are neither of the test split nor much like one that is: as in every dataset version, a
    cluster of near duplicates stays on one side."""
    return unlike(test_prompts(session, project_id), asked)


def without_learned(session: Session, project_id: int, asked: Mapping[str, Asked]) -> dict[str, Asked]:
    """Those prompts that no version learns from, or chooses a model by, nor much like one of these: the other side."""
    return unlike(learned_prompts(session, project_id), asked)


def unlike(others: Mapping[int, str], asked: Mapping[str, Asked]) -> dict[str, Asked]:
    """Those prompts that are not among `others`, by id with what they ask, nor much like one of them."""
    asked = {key: one for key, one in asked.items() if one.prompt_id not in others}
    if not (others and asked):
        return asked
    texts = [*others.items(), *((one.prompt_id, question(one.messages)) for one in asked.values() if one.prompt_id)]
    strangers = {key: -place for place, (key, one) in enumerate(asked.items(), 1) if not one.prompt_id}
    texts += [(strangers[key], question(one.messages)) for key, one in asked.items() if key in strangers]
    cluster_of = clusters(texts)
    theirs = {cluster_of[prompt_id] for prompt_id in others}
    return {key: one for key, one in asked.items() if cluster_of[one.prompt_id or strangers[key]] not in theirs}
