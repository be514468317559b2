"""An administrator makes a set: of people's responses, of a file, or of what runs said; test prompts stay out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.core.bodies import BODY_LIMIT
from app.core.storage import Storage
from app.datasets.models import PromptSplit, Split, Version, VersionRow
from app.preferences.jobs import end_lost, make
from app.preferences.making.filling import BROKEN, NOTHING, compare, keep
from app.preferences.making.models import Making
from app.preferences.material import said_by
from app.preferences.models import (
    ComparedResponse,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    PairState,
    SetState,
)
from app.prompts.models import PromptStatus
from app.training.models import Run
from app.writing.models import Revision, Submission
from tests import factories
from tests.cast import Cast
from tests.jobs import do_jobs
from tests.preferences.answering import a_run, a_version, asked_for
from tests.preferences.conftest import MakeSet, pair, took
from tests.training.made import a_report, done, sample, started


def approved(cast: Cast, session: Session, asked: str, *contents: str) -> list[Submission]:
    """Approved responses to one prompt, of the two writers in turn."""
    assert cast.admin.user
    assert cast.reviewer.user
    prompt = factories.prompt(
        session, cast.project, cast.admin.user, asked, status=PromptStatus.APPROVED, slots=len(contents)
    )
    made = []
    for at, content in enumerate(contents):
        writer = (cast.author, cast.second_author)[at % 2].user
        assert writer
        made.append(factories.submission(session, prompt, writer, content))
        factories.review(session, made[-1], cast.reviewer.user)
    session.commit()
    return made


def pairs_of(session: Session, made: ComparisonSet) -> list[ComparisonPair]:
    """The pairs of a set."""
    return list(session.scalars(select(ComparisonPair).where(ComparisonPair.set_id == made.id)))


def test_every_two_responses_of_a_prompt_are_a_pair(cast: Cast, session: Session, make_set: MakeSet) -> None:
    approved(cast, session, "What is 1 and 1?", "Two.", "It is 2.")
    approved(cast, session, "Who are you?", "Nobody.")
    made = make_set(pair(1), people=True)
    assert len(pairs_of(session, made)) == 6
    assert made.rule == "Approved responses of people and 1 imported pair"
    assert session.scalars(select(ComparisonPrompt.answered)).all() == [True]


def test_the_same_words_twice_are_one_response(cast: Cast, session: Session, make_set: MakeSet) -> None:
    approved(cast, session, "What is 1 and 1?", "It is 1 good.")
    made = make_set(pair(1), people=True)
    assert len(pairs_of(session, made)) == 1
    assert set(session.scalars(select(ComparedResponse.kind))) == {"person", "imported"}


def test_what_is_chosen_here_and_not_there_lies_in_between(session: Session, make_set: MakeSet) -> None:
    make_set(pair(1, chosen="Best.", rejected="Good."), pair(1, chosen="Good.", rejected="Bad."))
    sources = {row.messages[0]["content"]: row.source for row in session.scalars(select(ComparedResponse))}
    assert sources == {"Best.": "Imported: chosen", "Good.": "Imported: in between", "Bad.": "Imported: not chosen"}


def test_prompts_of_the_test_split_and_what_is_much_like_them_stay_out(
    cast: Cast, session: Session, make_set: MakeSet, first_version: Version
) -> None:
    version = first_version
    tested = approved(cast, session, "Which planet is the largest of the solar system?", "Jupiter.", "It is Jupiter.")
    session.add(
        PromptSplit(
            prompt_id=tested[0].prompt_id, project_id=cast.project.id, cluster=tested[0].prompt_id, split=Split.TEST,
            settled_in=version.id,
        )
    )  # fmt: skip
    session.commit()
    near = pair(2, prompt="Which planet is the largest in the solar system?")
    made = make_set(pair(1), near, people=True)
    asked = session.scalars(select(ComparisonPrompt.messages).where(ComparisonPrompt.set_id == made.id)).all()
    assert [one[0]["content"] for one in asked] == ["What is 1 and 1?"]
    assert made.left_out == "2 prompts of the test split, or much like one"
    assert not made.measures_only


def test_a_set_for_measurement_only_takes_no_prompt_that_versions_learn_from(
    cast: Cast, session: Session, make_set: MakeSet, first_version: Version
) -> None:
    taught, tested, also = (approved(cast, session, f"Why {thing}?", "So.")[0] for thing in ("tea", "rain", "rope"))
    for one, split in ((taught, Split.TRAIN), (tested, Split.TEST), (also, Split.VALIDATION)):
        own = {"prompt_id": one.prompt_id, "cluster": one.prompt_id, "project_id": cast.project.id}
        session.add(PromptSplit(**own, split=split, settled_in=first_version.id))
    session.commit()
    asked = [pair(1) | {"prompt": f"Why {thing}?"} for thing in ("tea", "rain", "rope", "moss")]
    made = make_set(*asked, people=True, measures_only=True)
    assert made.measures_only
    assert made.left_out == "2 prompts that versions learn from, or much like one"
    found = select(ComparisonPrompt.messages).where(ComparisonPrompt.set_id == made.id).order_by(ComparisonPrompt.id)
    assert [one[0]["content"] for one in session.scalars(found)] == ["Why rain?", "Why moss?"]


def test_what_runs_said_to_unseen_prompts_only_measures(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path, make_set: MakeSet, first_version: Version
) -> None:
    run_id = started(cast.admin, first_version)
    done(
        session, storage, run_id, tmp_path / "model", a_report(samples=[sample("Why?", before="So.", after="Because.")])
    )
    number = session.get_one(Run, run_id).number
    made = make_set(run_ids=[run_id])
    assert made.measures_only
    found = set(session.scalars(select(ComparedResponse.source).where(ComparedResponse.set_id == made.id)))
    assert found == {"Base model tiny", f"Run {number}"}


def test_what_a_run_went_on_from_is_named_by_its_run_and_the_base_model_stands_beside() -> None:
    first = Run(id=7, number=1, base_model="tiny")
    run, more = (
        Run(id=9, number=2, base_model="tiny", begins_from_run_id=7, plan={"method": by}) for by in ("rloo", "sft")
    )
    said = sample("Why?", base="Base.", before="Before.", after="After.")
    assert said_by(run, said, {7: first.number}) == [
        ("Base.", "Base model tiny", 9),
        ("Before.", "Run 1", 7),
        ("After.", "Run 2", 9),
    ]
    held_against_the_base = said_by(more, said | {"base": ""}, {})
    assert held_against_the_base[1:] == [("Before.", "Base model tiny", 9), ("After.", "Run 2", 9)]


def test_nothing_to_compare_is_refused_with_the_reason(cast: Cast, session: Session) -> None:
    def told(**wish: Any) -> tuple[int, str]:
        answer = cast.admin.api(
            "POST", f"/api/v1/projects/{cast.project.id}/comparison-sets", **({"name": "Empty"} | wish)
        )
        return answer.status_code, answer.json().get("type", "")

    assert told() == (422, "/errors/preferences.nothing_to_compare")
    assert told(pairs=[pair(1) | {"chosen": 1}]) == (422, "/errors/preferences.pairs")
    assert told(run_ids=[999_999]) == (404, "/errors/training.not_found")
    assert told(run_ids=[1], people=True) == (422, "/errors/preferences.two_kinds")
    assert told(pairs=[pair(1)])[0] == 201
    assert told(pairs=[pair(1)]) == (409, "/errors/preferences.name_taken")


def test_a_set_is_made_by_a_job_all_at_once_and_its_page_says_so(cast: Cast, session: Session) -> None:  # R8
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    made = cast.admin.api("POST", where, name="Later", pairs=[pair(1), pair(2)]).json()
    assert (made["making"], made["pairs"]) == ({"state": "queued", "failure": ""}, {})
    assert took(cast.author, cast.project.id) is None
    page = cast.admin.get(f"/projects/{cast.project.id}/preferences").text
    assert "People can judge its pairs once all are there." in page
    assert "Waiting for a worker." in page
    assert do_jobs(session) == ["preferences.make"]
    make(set_id=made["id"])  # once more, as after a kill
    assert "See the set" in cast.admin.get(f"/comparison-sets/{made['id']}/progress").text
    answer = cast.admin.get(f"/api/v1/comparison-sets/{made['id']}").json()["set"]
    assert (answer["making"]["state"], answer["pairs"]) == ("done", {"open": 2})
    assert session.scalars(select(Making.pairs)).one() is None


def test_a_program_sends_as_many_pairs_as_a_set_takes_as_a_file(cast: Cast, session: Session) -> None:
    many = [pair(at, chosen=f"good {at} " * 200, rejected=f"bad {at} " * 200) for at in range(1, 2001)]
    lines = "\n".join(map(json.dumps, many))
    assert len(lines) > BODY_LIMIT, "more than a body of JSON may be"
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets/import"
    sent: dict[str, Any] = {"content": lines, "headers": {"Content-Type": "application/x-ndjson"}}
    given: dict[str, Any] = {"name": "Many", "opinions": 2, "ranks": 0, "check_every": 0, "measures_only": True}
    made = cast.admin.post(where, params=given, **sent)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["rule"], told["opinions"], told["measures_only"]) == ("2000 imported pairs", 2, True)
    do_jobs(session)
    assert cast.admin.get(f"/api/v1/comparison-sets/{told['id']}").json()["set"]["pairs"] == {"open": 2000}
    assert cast.admin.post(where, params=given, **sent).json()["type"] == "/errors/preferences.name_taken"
    assert cast.author.post(where, params={**given, "name": "Mine"}, **sent).status_code == 403


def test_a_file_that_is_no_lines_of_pairs_is_refused_with_the_place(cast: Cast) -> None:
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets/import"
    table = cast.admin.post(where, params={"name": "A"}, content="a,b", headers={"Content-Type": "text/csv"})
    assert (table.status_code, table.json()["type"]) == (415, "/errors/prompts.not_lines")
    wrong = cast.admin.post(where, params={"name": "A"}, content="{}", headers={"Content-Type": "application/jsonl"})
    assert wrong.status_code == 422
    assert "/line/1/chosen" in {one["pointer"] for one in wrong.json()["errors"]}
    unnamed = cast.admin.post(where, content="{}", headers={"Content-Type": "application/jsonl"})
    assert unnamed.status_code == 422


def test_a_set_that_cannot_be_made_says_why_and_leaves_its_name(cast: Cast, session: Session) -> None:
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    for wish in ({"people": True}, {"pairs": [pair(1)]}):
        assert cast.admin.api("POST", where, name="Once more", **wish).status_code == 201
        assert cast.admin.api("POST", where, name="Once more", **wish).status_code == 409
        do_jobs(session)
        page = cast.admin.get(f"/projects/{cast.project.id}/preferences").text
        assert ("There is no prompt with two different responses in this" in page) == ("people" in wish)
    (answer,) = cast.admin.get(where).json()["sets"]
    assert (answer["making"]["state"], answer["pairs"]) == ("done", {"open": 1})


def test_a_set_that_could_not_be_made_is_nowhere_offered_and_gives_its_name_to_models_too(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path, make_set: MakeSet
) -> None:
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    failed = cast.admin.api("POST", where, name="Once more", people=True).json()["id"]
    do_jobs(session)
    rail = cast.author.get(f"/projects/{cast.project.id}/writing").text
    assert f"/projects/{cast.project.id}/compare" not in rail
    older = session.get_one(ComparisonSet, failed)
    make_set(pair(1), name="Made")
    assert cast.admin.api("POST", where, name="Fails", people=True).status_code == 201
    do_jobs(session)
    assert '<p class="meta"><bdi>Made</bdi></p>' in cast.admin.get(f"/projects/{cast.project.id}/preferences").text
    run = a_run(cast, session, storage, a_version(cast, session), tmp_path)
    asked_for(cast, run, name=older.name)
    forgotten = select(AuditEntry.subject_id).where(AuditEntry.action == "preferences.set_forgotten")
    assert session.scalars(forgotten).all() == [failed]


def test_what_breaks_leaves_nothing_half_made(cast: Cast, session: Session) -> None:
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    made = cast.admin.api("POST", where, name="Broken", pairs=[pair(1)]).json()
    # What was kept of the file is damaged: no response can be made of it, once its prompt is stored.
    session.execute(text("UPDATE makings SET pairs = jsonb_set(pairs, '{0,details}', 'null')"))
    session.commit()
    with pytest.raises(TypeError):
        make(set_id=made["id"])
    session.expire_all()
    assert session.get_one(Making, made["id"]).failure == BROKEN
    assert session.scalars(select(ComparisonPrompt.id)).all() == []


def test_what_passes_is_tried_again_until_no_job_is_left(cast: Cast, session: Session) -> None:
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    made = cast.admin.api("POST", where, name="Patient", pairs=[pair(1)]).json()
    session.execute(text("SET lock_timeout = '50ms'"))
    session.commit()
    with session.connection().engine.begin() as other:
        other.execute(text("LOCK TABLE comparison_prompts IN EXCLUSIVE MODE"))
        with pytest.raises(OperationalError):
            make(set_id=made["id"])
    end_lost(timestamp=0)
    session.expire_all()
    assert session.get_one(Making, made["id"]).state == "running"
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'preferences.make'"))
    session.commit()
    for _ in range(2):
        end_lost(timestamp=0)
    session.expire_all()
    assert session.get_one(Making, made["id"]).failure == BROKEN


def test_a_prompt_that_was_not_there_when_texts_were_compared_is_not_taken(cast: Cast, session: Session) -> None:
    approved(cast, session, "Why?", "Because.", "For no reason.")
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    made = cast.admin.api("POST", where, name="Between", people=True, pairs=[pair(1)]).json()
    stands = compare(session, made["id"])
    approved(cast, session, "How?", "So.", "Thus.")
    assert cast.author.user
    session.execute(text("SELECT erase_person(:person)"), {"person": cast.author.user.id})
    keep(session, made["id"], stands)
    asked = session.scalars(select(ComparisonPrompt.messages)).all()
    assert [one[0]["content"] for one in asked] == ["What is 1 and 1?"]


def test_a_set_that_an_older_process_closed_is_made_no_more(cast: Cast, session: Session) -> None:
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    made = cast.admin.api("POST", where, name="Older", pairs=[pair(1)]).json()
    session.execute(update(ComparisonSet).values(state=SetState.CLOSED))
    session.commit()
    assert "It is made" not in cast.admin.get(f"/comparison-sets/{made['id']}/progress").text
    do_jobs(session)
    session.expire_all()
    assert session.get_one(Making, made["id"]).state == "cancelled"


def test_a_set_that_is_closed_before_it_is_made_stays_empty(cast: Cast, session: Session) -> None:
    where = f"/api/v1/projects/{cast.project.id}/comparison-sets"
    made = cast.admin.api("POST", where, name="Early", pairs=[pair(1)]).json()
    assert cast.admin.post(f"/api/v1/comparison-sets/{made['id']}/close").status_code == 200
    do_jobs(session)
    assert session.get_one(Making, made["id"]).state == "cancelled"
    assert session.scalars(select(ComparisonPair.id)).all() == []
    assert "closed before it was made" in cast.admin.get(f"/projects/{cast.project.id}/preferences").text


def test_the_form_takes_a_file_and_shows_the_set(cast: Cast, session: Session) -> None:
    assert cast.admin.user
    fields = {"user_id": cast.admin.user.id, "name": "From a file", "opinions": 2, "check_every": 0, "run_id": 0}
    fields["measures"] = "on"
    file = {"file": ("pairs.jsonl", json.dumps(pair(1, known=True)).encode())}
    answer = cast.admin.post(f"/projects/{cast.project.id}/preferences/import", data=fields, files=file)
    assert answer.status_code == 303, answer.text
    do_jobs(session)
    page = cast.admin.get(answer.headers["location"]).text
    assert "From a file" in page
    assert "1 known" in page
    made = session.scalars(select(ComparisonSet)).one()
    assert (made.opinions, made.asks_strength, made.measures_only) == (2, False, True)
    assert "For measurement only" in page
    assert [one.state for one in pairs_of(session, made)] == [PairState.KNOWN]


def test_a_refused_form_says_where_and_stays_filled(cast: Cast, session: Session) -> None:
    assert cast.admin.user
    fields = {"user_id": cast.admin.user.id, "name": "Filled", "opinions": 7, "people": "on"}
    file = {"file": ("pairs.jsonl", json.dumps(pair(1, chosen="")).encode())}
    answer = cast.admin.post(f"/projects/{cast.project.id}/preferences/import", data=fields, files=file)
    assert answer.status_code == 422
    assert "<bdi>Line 1, chosen</bdi>" in answer.text
    assert re.search(r'value="Filled".*name="people"[^>]*checked.*value="7"', answer.text, re.DOTALL)
    assert not re.search(r'name="strength"[^>]*checked', answer.text)
    both = {"file": ("pairs.jsonl", json.dumps(pair(1)).encode())}
    refused = cast.admin.post(answer.url.path, data={**fields, "people": "", "run_id": 1, "opinions": 1}, files=both)
    assert (refused.status_code, "<bdi>Or what a run says</bdi>" in refused.text) == (422, True)
    assert session.scalars(select(ComparisonSet)).all() == []


def test_a_set_is_closed_once_and_its_pairs_with_it(cast: Cast, session: Session, make_set: MakeSet) -> None:
    made = make_set(pair(1), pair(2, known=True))
    close = f"/api/v1/comparison-sets/{made.id}/close"
    assert cast.reviewer.post(close).status_code == 403
    assert cast.admin.post(close).json()["pairs"] == {"closed": 2}
    assert cast.admin.post(close).status_code == 409


def test_what_was_imported_is_no_response_of_people_here(cast: Cast, session: Session) -> None:
    ours, theirs = approved(cast, session, "Why?", "Because.", "For no reason.")
    theirs.author_id, theirs.imported_by, theirs.assignment_id = None, ours.author_id, None
    session.commit()
    wish = {"name": "One", "people": True}
    cast.admin.api("POST", f"/api/v1/projects/{cast.project.id}/comparison-sets", **wish)
    do_jobs(session)
    assert session.scalars(select(Making.failure)).one() == NOTHING


def test_what_a_run_said_goes_with_the_person_whose_texts_it_saw(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path, make_set: MakeSet, first_version: Version
) -> None:
    (mine,) = approved(cast, session, "Why?", "A secret of mine.")
    run_id = started(cast.admin, first_version)
    said = sample("Why?", before="So.", after="A secret of mine.") | {"id": f"s{mine.id}-r1"}
    done(session, storage, run_id, tmp_path / "model", a_report(samples=[said]))
    version_id = session.get_one(Run, run_id).version_id
    in_it = VersionRow(
        version_id=version_id, position=99, split="train", submission_id=mine.id, prompt_id=mine.prompt_id,
        revision_id=session.scalars(select(Revision.id).where(Revision.submission_id == mine.id)).one(),
    )  # fmt: skip
    session.add(in_it)
    session.commit()
    make_set(run_ids=[run_id])
    assert cast.author.user
    session.execute(text("SELECT erase_person(:person)"), {"person": cast.author.user.id})
    session.expire_all()
    assert {row.messages[0]["content"] for row in session.scalars(select(ComparedResponse))} == {"(erased)"}
    assert {one.state for one in session.scalars(select(ComparisonPair))} == {"closed"}


def test_erasing_a_person_empties_their_responses_here_and_closes_the_pairs(
    cast: Cast, session: Session, make_set: MakeSet
) -> None:
    approved(cast, session, "Why?", "A secret of mine.", "For no reason.")
    make_set(pair(1), people=True)
    assert cast.author.user
    session.execute(text("SELECT erase_person(:person)"), {"person": cast.author.user.id})
    session.expire_all()
    words = {row.messages[0]["content"] for row in session.scalars(select(ComparedResponse))}
    assert words == {"(erased)", "For no reason.", "It is 1 good.", "It is 1 bad!."}
    assert sorted(one.state for one in session.scalars(select(ComparisonPair))) == ["closed", "open"]
