"""A database goes up, down and up again, and agrees with the models."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.core.errors import StartRefused
from app.core.migrate import alembic_config, check_schema, current, downgrade, head, upgrade
from tests.databases import clone, drop
from tests.stages import Stage
from tests.walked import OTHER_TABLES, UNREADABLE, changed, contents, run_script

# The columns, and the tables, whose content goes with their schema when it goes down.
LOST = {
    "0001": {
        "api_tokens", "assignments", "attempts", "audit_log", "categories", "datasets", "drafts", "given_answers",
        "guidelines", "memberships", "one_time_links", "projects", "prompt_splits", "prompts", "reports",
        "review_skips", "reviews", "revisions", "run_events", "runs", "sign_ins", "slots", "submissions", "users",
        "version_rows", "versions",
    },
    "0002": {
        "acknowledgements", "consents", "notices", "memberships.qualified_at", "projects.allow_system",
        "projects.blocking_hints", "projects.consent_text", "projects.gold_every", "projects.keeps_provenance",
        "projects.qualification", "projects.review_order", "projects.reviews_per_response", "projects.shows_examples",
        "users.mail_notices",
    },
    "0003": {"fingerprints", "prompt_reports", "assignments.skip_kind"},
    "0004": {
        "comments", "gold_answers", "gold_items", "held_decisions", "opinions", "drafts.caret", "drafts.provenance",
        "submissions.disputed_at", "submissions.from_newcomer",
    },
    "0007": {"gold_answers.edited_messages"},
    "0008": {"sign_ins.renew_id"},
    "0009": {"phrases", "wordings", "gold_answers.missed", "held_decisions.missed", "opinions.missed"},
    "0010": {"notices.times"},
    "0011": {"prompt_questions"},
    "0013": {"kept_out", "datasets.preparation"},
    "0014": {"datasets.rule_number", "prompts.tags"},
    "0015": {"benchmarks"},
    "0016": {"retired_versions", "users.erased_at"},
    "0017": {"hub_pushes", "version_formats"},
    "0018": {"erasures.asked_by", "erasures.finished_at", "erasures.progress"},
    "0019": {"withdrawals"},
    "0021": {"prompts.imported"},
    "0022": {"prompt_turns", "projects.follows_advice"},
    "0024": {"comparison_pairs", "comparison_prompts", "comparison_sets", "compared_responses", "comparisons"},
    "0025": {"preference_rows"},
    "0027": {"generations"},
    "0028": {"prompt_splits.joined"},
    "0029": {"comparison_sets.ranks"},
    "0030": {"makings"},
    "0031": {"projects.follows_need"},
    "0033": {"slots.never_for", "submissions.never_for"},
}  # fmt: skip


@pytest.fixture
def empty_database(cluster: str) -> Iterator[str]:
    """A database without any table."""
    url = clone(cluster, template="template1", name=f"migrations_{os.getpid()}")
    yield url
    drop(cluster, url)


def test_there_is_a_single_head() -> None:  # R27
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_every_revision_goes_down_up_and_down_with_data_in_every_table(cluster: str, furnished: Stage) -> None:  # R27
    furnished.engine.dispose()  # who is connected to a database keeps others from copying it
    url = clone(cluster, template=str(furnished.engine.url.database), name=f"walked_{os.getpid()}")
    run_script(url, OTHER_TABLES.read_text("utf-8"))
    revisions = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    newer, lost = contents(url), {}
    assert [table for table, rows in newer.items() if not rows] == []
    for revision, before in zip(revisions, [*revisions[1:], "base"], strict=True):
        if revision in UNREADABLE:
            with pytest.raises(DBAPIError, match="restore a backup"):
                downgrade(url, to=before)
            run_script(url, UNREADABLE[revision])
            newer = contents(url)
        assert downgrade(url, to=before) == ("" if before == "base" else before)
        older = contents(url)
        assert upgrade(url, to=revision) == revision
        if columns := changed(newer, contents(url)):
            lost[revision] = columns
        downgrade(url, to=before)
        newer = contents(url)
        assert newer == older, revision
    assert newer == {}
    assert lost == LOST
    drop(cluster, url)


def test_models_and_migrations_agree(empty_database: str) -> None:  # R27
    upgrade(empty_database)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        command.check(alembic_config(connection))
    engine.dispose()


def test_every_migration_sets_a_lock_timeout() -> None:  # R28
    for script in ScriptDirectory.from_config(alembic_config()).walk_revisions():
        source = Path(script.path).read_text("utf-8")
        assert source.count("SET LOCAL lock_timeout") == 2, script.path


def test_two_starts_at_once_migrate_once(empty_database: str) -> None:  # R28
    reached: list[str] = []
    threads = [threading.Thread(target=lambda: reached.append(upgrade(empty_database))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reached == [head()] * 3


def test_another_schema_is_refused_with_both_names(empty_database: str) -> None:  # R28
    upgrade(empty_database)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert current(connection) == "9999"
        with pytest.raises(StartRefused, match=f"9999.*{head()}"):
            check_schema(connection)
    engine.dispose()
