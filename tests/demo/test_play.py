"""The demo's story leaves work for everybody, and keeps of each text where it came from."""

import json
import re
import signal
import stat
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import User
from app.core.settings import Settings
from app.datasets.files import DATA_FILES, open_file
from app.datasets.models import Split, Version
from app.demo.chain import publish_pairs, queue_policy
from app.demo.comparing import HELD_OUT
from app.demo.people import REVIEWERS, WRITERS, kept_at
from app.demo.play import PROPOSED_LEFT
from app.demo.texts import Fate, Row, answered, load
from app.demo.training import wait_for_version
from app.preferences.models import Comparison, ComparisonPair, PreferenceRow
from app.prompts.models import Prompt, PromptStatus
from app.review.models import Review
from app.training.models import Run, RunStatus
from app.training.worker.estimate import LEAST_PAIRS
from app.writing.models import Assignment, AssignmentStatus, Submission, SubmissionStatus
from tests.demo.conftest import Played
from tests.demo.running import BEGUN, PLAYING, SERVES, Demo
from tests.waiting import wait_until

ENDS = {
    Fate.APPROVED: (SubmissionStatus.APPROVED, 1),
    Fate.REVISED: (SubmissionStatus.APPROVED, 2),
    Fate.REJECTED: (SubmissionStatus.REJECTED, 1),
    Fate.WAITING: (SubmissionStatus.SUBMITTED, 1),
    Fate.SENT_BACK: (SubmissionStatus.CHANGES_REQUESTED, 1),
}


def rows_by_id() -> dict[str, Row]:
    """Every row of the data files that has a response."""
    return {row.id: row for row in answered()}


def published(played: Played) -> list[tuple[Row, dict[str, object]]]:
    """Each row of version 1 beside the row of the data files that it was made of."""
    rows = rows_by_id()
    with played.session() as session:
        version = session.get_one(Version, played.people.version_id)
        ids = {str(id_): name for id_, name in session.execute(select(Prompt.id, Prompt.external_id))}
        lines = [
            line
            for name in DATA_FILES
            for line in b"".join(open_file(played.here.storage, version, name)).split(b"\n")
            if line
        ]
    made = [json.loads(line) for line in lines]
    return [(rows[str(ids[one["metadata"]["prompt_id"]])], one) for one in made]


def seen(page: str) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub("<[^>]*>", "", page).split())


def test_every_row_meets_its_fate(played: Played) -> None:
    rows = rows_by_id()
    with played.session() as session:
        found = select(Prompt.external_id, Submission.status, Submission.current_revision)
        ends = {
            name: (status, number)
            for name, status, number in session.execute(found.join(Prompt, Prompt.id == Submission.prompt_id))
        }
    assert ends == {name: ENDS[row.fate] for name, row in rows.items()}
    assert set(Counter(ends.values())) == set(ENDS.values())


def test_what_was_sent_back_was_finished_and_then_approved(played: Played) -> None:
    with played.session() as session:
        found = select(Submission.id).where(Submission.current_revision == 2).order_by(Submission.id)
        for submission_id in session.scalars(found):
            decisions = select(Review.decision).where(Review.submission_id == submission_id).order_by(Review.id)
            assert [one.value for one in session.scalars(decisions)] == ["changes_requested", "approved"]


def test_nobody_decides_on_their_own(played: Played) -> None:
    with played.session() as session:
        reviews = select(Review.id).join(Submission, Submission.id == Review.submission_id)
        assert not session.scalars(reviews.where(Review.reviewer_id == Submission.author_id)).all()
        assert not session.scalars(select(Prompt.id).where(Prompt.decided_by == Prompt.author_id)).all()


def test_the_reviewer_finds_prompts_and_submissions_to_decide_on(played: Played) -> None:
    reviewer = played.signed_in(played.people.reviewer)
    project = f"/projects/{played.people.project_id}"
    waiting = sum(row.fate is Fate.WAITING for row in answered())
    assert f"{waiting} responses wait for you" in seen(reviewer.get(f"{project}/review").text)
    assert f"{PROPOSED_LEFT} are proposed and wait" in seen(reviewer.get(f"{project}/prompts").text)


def test_the_annotator_finds_texts_to_mend_a_draft_and_open_prompts(played: Played) -> None:
    home = played.signed_in(played.people.annotator).get("/").text
    assert re.search(r"\w+ responses to mend", home)
    assert "Let me begin with the short answer:" in home
    with played.session() as session:
        writer = session.scalars(select(User).where(User.email == played.people.annotator.email)).one()
        drafting = select(Assignment).where(
            Assignment.writer_id == writer.id, Assignment.status == AssignmentStatus.DRAFTING
        )
        assert len(session.scalars(drafting).all()) >= 2
        assert session.scalar(select(func.count(Prompt.id)).where(Prompt.status == PromptStatus.APPROVED))


def test_the_admin_sees_the_version(played: Played) -> None:
    page = played.signed_in(played.people.admin).get(f"/versions/{played.people.version_id}").text
    assert "Train on it" in page


def test_the_version_holds_what_was_approved_word_for_word(played: Played) -> None:
    rows = published(played)
    assert {row.id for row, _ in rows} == {row.id for row in answered() if row.fate in (Fate.APPROVED, Fate.REVISED)}
    for row, made in rows:
        assert made["messages"] == [*row.prompt, *row.turns]


def test_each_row_carries_the_licence_and_the_source_of_its_data_file(played: Played) -> None:
    raw = {one["id"]: one for name in ("sft.jsonl", "conversations.jsonl") for one in load(name)}
    for row, made in published(played):
        metadata = made["metadata"]
        assert isinstance(metadata, dict)
        kept = {key: metadata[key] for key in ("licence", "source", "language")}
        assert kept == {key: raw[row.id][key] for key in kept}


def test_the_card_names_every_licence_and_source_and_no_other(played: Played) -> None:
    rows = [row for row, _ in published(played)]
    with played.session() as session:
        version = session.get_one(Version, played.people.version_id)
        card = b"".join(open_file(played.here.storage, version, "README.md")).decode()
    told = re.search(r"## Licences and sources\n(.*?)\n## ", card, re.DOTALL)
    assert told
    table = re.findall(r"^\| (.+) \| (\d+) \|$", told[1], re.MULTILINE)
    named = {name.replace("\\", ""): int(count) for name, count in table}
    assert named == Counter(row.licence for row in rows) | Counter(row.source for row in rows)


def test_what_its_people_compared_becomes_a_version_to_learn_from(played: Played) -> None:
    def settled() -> bool:
        with played.session() as session:
            undone = func.now() - timedelta(seconds=Settings.model_fields["undo_seconds"].default)  # the demo's own
            return not session.scalar(select(func.count(Comparison.id)).where(Comparison.answered_at > undone))

    wait_until(settled, 60)
    version_id = publish_pairs(played.here.sessions, played.people)
    wait_for_version(played.here.sessions, version_id, lambda done, total: None)
    with played.session() as session:
        counts = session.get_one(Version, version_id).counts
        of_rankings = select(ComparisonPair.id).where(ComparisonPair.ranking_id.is_not(None))
        ranked = select(func.count()).select_from(PreferenceRow).where(PreferenceRow.pair_id.in_(of_rankings))
        assert (session.scalar(ranked) or 0) > 6
        tested = select(func.count(PreferenceRow.prompt_id.distinct())).where(PreferenceRow.split == Split.TEST)
        assert (session.scalar(tested) or 0) >= HELD_OUT / 2, "but those much like what version 1 learned"
    assert counts["train"] > 100
    assert publish_pairs(played.here.sessions, played.people) == version_id, "once"


def test_a_policy_is_led_by_one_half_of_the_people_and_measured_by_the_other(played: Played) -> None:
    """Two versions that have no person in common, and a run that names the reward models of both. None is trained."""
    halves = [publish_pairs(played.here.sessions, played.people, whose) for whose in ("one_half", "other_half")]
    for version_id in halves:
        wait_for_version(played.here.sessions, version_id, lambda done, total: None)
    with played.here.engine.connect() as connection:
        unseen = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        with unseen.begin() as session:
            versions = [session.get_one(Version, version_id) for version_id in halves]
            assert all(one.counts["train"] >= LEAST_PAIRS for one in versions)
            first, second = ({*(one.manifest or {})["judges"]} for one in versions)
            assert min(len(first), len(second)) > 1
            assert not first & second
        begun = done_run(unseen, played, played.people.version_id, "sft")
        rewards = [done_run(unseen, played, version_id, "reward", begins_from_run_id=begun) for version_id in halves]
        people = replace(
            played.people, run_id=begun, reward_run_id=rewards[0], second_reward_run_id=rewards[1]
        )  # fmt: skip
        policy = queue_policy(unseen, played.here.settings, people)
        with unseen.begin() as session:
            run = session.get_one(Run, policy)
            assert [run.begins_from_run_id, run.reward_run_id, run.second_reward_run_id] == [begun, *rewards]
            assert run.plan["second_judges"] == "others"


def done_run(sessions: sessionmaker[Session], played: Played, version_id: int, method: str, **more: int) -> int:
    """A run of the tiny model that has ended, without the work. Its id."""
    with sessions.begin() as session:
        number = 1 + (session.scalar(select(func.count(Run.id))) or 0)
        run = Run(
            project_id=played.people.project_id, version_id=version_id, number=number, base_model="tiny",
            plan={"method": method}, status=RunStatus.DONE, folder=f"done-{number}", created_by=played.people.admin_id,
            **more,
        )  # fmt: skip
        session.add(run)
        session.flush()
        return run.id


def test_the_passwords_are_random_and_lie_where_only_this_user_reads(played: Played) -> None:  # S9
    kept = kept_at(played.here.settings)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    passwords = [getattr(played.people, role).password for role in ("annotator", "reviewer", "admin")]
    assert len({*passwords}) == 3
    assert all(len(password) >= 16 for password in passwords)


def test_only_the_three_accounts_for_visitors_can_be_entered(played: Played) -> None:  # S9
    told = json.loads(kept_at(played.here.settings).read_text())
    assert {key for key, value in told.items() if isinstance(value, dict)} == {"annotator", "reviewer", "admin"}
    with played.session() as session:
        assert session.scalar(select(func.count(User.id))) == 1 + WRITERS + REVIEWERS


def test_it_says_that_it_began_anew_and_which_passwords_let_in(played: Played, demo: Demo) -> None:  # S9
    assert "An earlier demo was interrupted; beginning anew." in played.said
    assert all(password in played.said and demo.enters(role, password) for role, password in passwords(demo).items())


def test_started_again_it_keeps_all_and_plays_nothing_until_it_is_reset(played: Played, demo: Demo) -> None:
    played.here.engine.dispose()
    accounts = passwords(demo)
    assert demo.end(signal.SIGTERM) == 0
    again = demo.start(until=SERVES)
    assert PLAYING not in again
    assert all(password in again and demo.enters(role, password) for role, password in accounts.items())
    assert demo.end(signal.SIGTERM) == 0

    reset = demo.start("--reset", until=BEGUN)
    assert "interrupted" not in reset
    assert not kept_at(demo.settings).exists()


def passwords(demo: Demo) -> dict[str, str]:
    """By role, what the demo lets visitors in with."""
    return {role: demo.accounts()[role]["password"] for role in ("annotator", "reviewer", "admin")}
