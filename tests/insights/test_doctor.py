"""The doctor: finds nothing in a healthy database, and names each thing that was broken by hand."""

import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from app.insights.doctor import CHECKS, Check, Result, mend, report
from tests.conftest import raw
from tests.forked import run
from tests.insights.conftest import Patient

VERSION = """
INSERT INTO datasets (project_id, name, rule, created_by)
    SELECT id, 'All', '{{}}', created_by FROM projects LIMIT 1;
INSERT INTO versions (project_id, dataset_id, number, status, rule, counts, manifest, content_hash, progress, failure,
    created_by, published_at)
    SELECT project_id, id, {number}, 'published', '{{}}', '{{"train": {train}, "validation": 0, "test": {test}}}',
    '{{}}', 'aa', '', '', created_by, now() FROM datasets LIMIT 1;
INSERT INTO version_rows (version_id, position, split, submission_id, revision_id, prompt_id)
    SELECT (SELECT max(id) FROM versions), 1, '{split}', s.id, v.id, s.prompt_id
    FROM submissions s JOIN revisions v ON v.submission_id = s.id WHERE s.id = {submission};
"""
MOVED_SLOT = """
UPDATE slots SET number = 99, prompt_id = (SELECT prompt_id FROM submissions WHERE id = {waiting})
WHERE prompt_id = (SELECT prompt_id FROM submissions WHERE id = {approved})
"""


def version(submission: int, *, number: int = 1, split: str = "train", train: int = 1, test: int = 0) -> list[str]:
    """A published version of one row, written past every verb."""
    whole = VERSION.format(number=number, split=split, train=train, test=test, submission=submission)
    statements = [statement for statement in whole.split(";\n") if statement.strip()]
    return statements if number == 1 else statements[1:]


def test_a_database_that_only_verbs_have_written_holds_together(patient: Patient) -> None:  # R34
    assert patient.complaints() == {}


def test_a_version_that_agrees_with_its_rows_holds(patient: Patient) -> None:
    patient.breaks(*version(patient.story.approved))
    assert patient.complaints() == {}


@pytest.mark.parametrize(
    ("check", "statement", "named"),
    [
        (
            "submissions-have-revisions",
            "DELETE FROM revisions WHERE submission_id = {waiting}",
            "submission {waiting} has 0 revisions",
        ),
        (
            "submissions-have-revisions",
            "UPDATE submissions SET current_revision = 3 WHERE id = {waiting}",
            "submission {waiting} has 1 revisions, its newest is 3",
        ),
        (
            "one-decision-a-revision",
            "UPDATE reviews r SET reviewer_id = s.author_id FROM submissions s WHERE s.id = r.submission_id",
            "of submission {approved}",
        ),
        (
            "nobody-is-passed-over",
            "UPDATE submissions SET never_for = '{{99}}' WHERE id = {waiting}",
            "submission {waiting}, person 99",
        ),
        (
            "nobody-is-passed-over",
            "UPDATE submissions SET judged_by = '{{98}}' WHERE id = {waiting}",
            "submission {waiting}, person 98",
        ),
        (
            "nobody-is-passed-over",
            "UPDATE slots SET never_for = '{{97}}', filled_at = NULL",
            "person 97",
        ),
        (
            "states-agree-with-decisions",
            "UPDATE submissions SET status = 'approved' WHERE id = {waiting}",
            "submission {waiting} is approved, its newest revision was not decided on",
        ),
        (
            "states-agree-with-decisions",
            "UPDATE submissions SET status = 'submitted' WHERE id = {approved}",
            "submission {approved} is submitted, its newest revision was approved",
        ),
        (
            "approved-within-slots",
            MOVED_SLOT,
            "has 1 approved and 1 placed responses for 0 slots",
        ),
        (
            "approved-within-slots",
            "UPDATE slots SET filled_at = NULL FROM submissions s WHERE s.prompt_id = slots.prompt_id",
            "has 0 approved and 1 placed responses for 1 slots, 0 filled",
        ),
        (
            "one-lease-a-person-and-prompt",
            "UPDATE slots SET lease_holder_id = 1, lease_expires_at = now() WHERE filled_at IS NOT NULL",
            "person 1",
        ),
        (
            "drafts-have-owners",
            "DELETE FROM memberships WHERE role = 'annotator'",
            "assignment ",
        ),
        (
            "drafts-have-owners",
            "DELETE FROM drafts WHERE assignment_id = (SELECT assignment_id FROM submissions WHERE id = {waiting})",
            "assignment ",
        ),
        (
            "audit-has-no-gap",
            "DELETE FROM audit_log WHERE action = 'review.approved' AND subject_id = {approved}",
            "of submission {approved}",
        ),
        (
            "audit-has-no-gap",
            "DELETE FROM audit_log WHERE action = 'writing.handed_in' AND subject_id = {waiting}",
            "revision 1 of submission {waiting}",
        ),
    ],
)
def test_what_was_broken_by_hand_is_named(patient: Patient, check: str, statement: str, named: str) -> None:  # R34
    ids = vars(patient.story)
    patient.breaks(statement.format(**ids))
    found = patient.complaints()
    assert any(named.format(**ids) in phrase for phrase in found[check]), found


def test_a_category_that_counts_wrongly_is_named_and_counted_anew(patient: Patient) -> None:
    patient.breaks("UPDATE categories SET approved = 7 WHERE name = 'Plan'")
    assert list(patient.complaints()) == ["categories-count-what-is-approved"]
    with patient.sessions.begin() as session:
        assert mend(session) == 1
    assert patient.complaints() == {}


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE tallies SET n = n + 2 WHERE what = 'open'", "tallies 3 open, there are 1"),
        ("DELETE FROM tallies WHERE what = 'approved'", "tallies 0 approved in the hour of "),
        ("INSERT INTO tallies (project_id, what, hour, n) SELECT min(id), 'proposed', 'epoch', 1 FROM projects",
         "tallies 1 proposed, there are 0"),
    ],
)  # fmt: skip
def test_a_tally_that_is_wrong_is_named_and_counted_anew(patient: Patient, statement: str, named: str) -> None:
    patient.breaks(statement)
    found = patient.complaints()
    assert list(found) == ["tallies-agree-with-rows"]
    assert any(named in phrase for phrase in found["tallies-agree-with-rows"]), found
    with patient.sessions.begin() as session:
        mend(session)
    assert patient.complaints() == {}


def test_a_version_that_counts_wrongly_is_named(patient: Patient) -> None:  # R34
    patient.breaks(*version(patient.story.approved, train=2))
    assert list(patient.complaints()) == ["version-counts-agree"]


def test_a_published_row_that_nobody_approved_is_named(patient: Patient) -> None:  # R34
    patient.breaks(*version(patient.story.waiting))
    assert list(patient.complaints()) == ["rows-are-of-approved-revisions"]


def test_a_test_row_that_moved_is_named(patient: Patient) -> None:  # R34
    patient.breaks(*version(patient.story.approved, split="test", train=0, test=1))
    assert patient.complaints() == {}
    patient.breaks(*version(patient.story.approved, number=2))
    (phrase,) = patient.complaints()["test-rows-never-move"]
    assert "is train in version" in phrase


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DROP TRIGGER append_only ON reviews", "table reviews has no guard append_only"),
        ("ALTER TABLE audit_log DISABLE TRIGGER append_only", "table audit_log has no guard append_only"),
        ("GRANT UPDATE ON revisions TO penset_app", "penset_app may change revisions"),
    ],
)
def test_history_that_is_no_longer_guarded_is_named(patient: Patient, statement: str, named: str) -> None:  # S92
    with raw(patient.url) as connection:
        connection.execute(statement.encode())
    assert patient.complaints() == {"history-is-guarded": [named]}


def test_what_is_not_grave_is_told_and_leaves_the_exit_code_alone() -> None:
    careful = Check("a-name", "It is so.", is_grave=False)
    assert report([Result(careful, ["mend it"], 3)]) == (
        ["careful a-name: It is so.", "        mend it", "        and 2 more"],
        True,
    )
    grave = Check("a-name", "It is so.")
    assert report([Result(grave, ["mend it"], 1)])[1] is False


def test_every_check_has_a_name_of_its_own_and_says_what_holds() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.sentence.endswith(".") for check in CHECKS)


def test_the_command_tells_and_its_exit_code_says_whether_all_is_well(patient: Patient, tmp_path: Path) -> None:
    surroundings = os.environ | {"PENSET_DATABASE_URL": patient.url, "PENSET_DATA": str(tmp_path)}

    def doctor() -> CompletedProcess[str]:
        return run("app.cli", "doctor", variables=surroundings)

    well = doctor()
    assert (well.returncode, "BROKEN" in well.stdout) == (0, False), well.stderr
    patient.breaks(f"DELETE FROM revisions WHERE submission_id = {patient.story.waiting}")
    broken = doctor()
    assert (broken.returncode, "BROKEN  submissions-have-revisions" in broken.stdout) == (1, True)
