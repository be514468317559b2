"""Finished pairs come in from elsewhere: under their source, nobody's work, in no figure of people, and in datasets."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.files import open_file
from app.datasets.formats.form import Form
from app.datasets.models import Version
from app.datasets.publish.rows import line_of
from app.insights.doctor import CHECKS, ask
from app.projects.models import Project
from app.prompts.models import Prompt
from app.writing.models import Revision, Submission
from tests import hostile
from tests.cast import Cast, Client
from tests.datasets.formats.test_shapes import ANSWER, MORE, QUESTION, SYSTEM, row
from tests.datasets.made import approve, published
from tests.jobs import do_jobs
from tests.prompts.test_hostile_import import LINES
from tests.prompts.test_import_shapes import WRITTEN

PAIR = {"prompt": "Why is the sky blue?", "response": "Because of Rayleigh.", "source": "desk", "licence": "MIT"}
MANY = [PAIR | {"prompt": f"What is the use of tool number {n}?", "category": "Explain"} for n in range(12)]
HOSTILE = list(dict.fromkeys(one.text for one in hostile.rows("text", stored=True)))


def lines(*rows: Mapping[str, Any]) -> bytes:
    """A file of these rows."""
    return b"".join(line_of(one) for one in rows)


def door(cast: Cast, *, project: Project | None = None, **query: str) -> str:
    """Where a program sends a file of pairs."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/api/v1/projects/{(project or cast.project).id}/pairs/import?{asked}"


def bring_in(cast: Cast, *rows: Mapping[str, Any]) -> dict[str, int]:
    """Take these rows in, and say how many came."""
    answer = cast.admin.post(door(cast), content=lines(*rows), headers=LINES)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def sent(client: Client, cast: Cast, data: bytes, step: str, name: str = "pairs.jsonl", **more: str) -> Any:
    """The form of the page, with a file."""
    assert client.user
    fields = {"user_id": str(client.user.id), "step": step} | more
    return client.post(f"/projects/{cast.project.id}/pairs/import", data=fields, files={"file": (name, data)})


def imported(session: Session) -> Sequence[Submission]:
    """What came in, oldest first."""
    session.expire_all()
    return session.scalars(select(Submission).where(Submission.imported_by.is_not(None)).order_by(Submission.id)).all()


def rows_of(storage: Storage, version: Version) -> list[dict[str, Any]]:
    """All rows of a version."""
    files = [b"".join(open_file(storage, version, f"{part}.jsonl")) for part in version.counts]
    return [json.loads(line) for content in files for line in content.decode().splitlines()]


def test_a_pair_comes_in_finished_without_an_author_or_a_review(cast: Cast, session: Session) -> None:
    assert bring_in(cast, PAIR | {"category": "Explain"}) == {"rows": 1, "added": 1, "already_there": 0}
    (made,) = imported(session)
    assert cast.admin.user
    assert (made.status, made.author_id, made.assignment_id) == ("approved", None, None)
    assert (made.imported_by, made.category_id is None) == (cast.admin.user.id, False)
    revision = session.scalars(select(Revision)).one()
    assert (revision.author_id, revision.messages) == (None, [ANSWER | {"content": PAIR["response"]}])
    prompt = session.get_one(Prompt, made.prompt_id)
    assert (prompt.status, prompt.author_id, prompt.source, prompt.licence) == ("complete", None, "desk", "MIT")


def test_the_same_file_twice_adds_nothing_and_what_was_taken_out_stays_out(cast: Cast, session: Session) -> None:  # I21
    bring_in(cast, PAIR)
    assert bring_in(cast, PAIR, PAIR) == {"rows": 2, "added": 0, "already_there": 2}
    (made,) = imported(session)
    for_nobody = cast.admin.api("POST", f"/api/v1/submissions/{made.id}/withdraw-for", reason="Whose?")
    assert (for_nobody.status_code, for_nobody.json()["type"]) == (403, "/errors/writing.nobody_wrote_it")
    assert cast.admin.post(f"/api/v1/submissions/{made.id}/withdraw").json()["status"] == "withdrawn"
    assert bring_in(cast, PAIR)["added"] == 0
    again = cast.admin.post(f"/api/v1/submissions/{made.id}/withdraw")
    assert (again.status_code, again.json()["type"]) == (409, "/errors/writing.already_decided")


def test_the_same_rows_may_be_here_as_prompts_to_be_answered_too(cast: Cast, session: Session) -> None:
    bring_in(cast, PAIR)
    as_prompts = f"/api/v1/projects/{cast.project.id}/prompts/import"
    assert cast.admin.post(as_prompts, content=lines(PAIR), headers=LINES).json()["added"] == 1
    assert len(imported(session)) == 1


def test_a_row_without_answer_source_or_licence_keeps_the_whole_file_out(cast: Cast, session: Session) -> None:  # S79
    bare = {"prompt": "Why?"}
    refusal = cast.admin.post(door(cast), content=lines(PAIR, bare), headers=LINES)
    places = [one["pointer"] for one in refusal.json()["errors"]]
    assert (refusal.status_code, places) == (422, ["/line/2/response", "/line/2/licence", "/line/2/source"])
    page = sent(cast.admin, cast, lines(PAIR, bare), "preview")
    assert "<bdi>Line 2, licence</bdi>" in page.text
    assert list(imported(session)) == []
    assert session.scalars(select(Prompt)).all() == []


def test_source_and_licence_may_be_said_once_for_rows_that_say_none(cast: Cast, session: Session) -> None:
    own, bare = PAIR, {"prompt": "Why?", "response": "So."}
    looked = sent(cast.admin, cast, lines(own, bare), "preview", **{"every-source": "of all", "every-licence": "CC0"})
    assert "2 of 2 pairs would come in." in looked.text
    assert 'value="of all"' in looked.text
    assert list(imported(session)) == []
    assert cast.admin.post(
        door(cast, source="of%20all", licence="CC0"), content=lines(own, bare), headers=LINES
    ).json()["added"]
    found = session.execute(select(Prompt.source, Prompt.licence).order_by(Prompt.id)).all()
    assert [tuple(one) for one in found] == [("desk", "MIT"), ("of all", "CC0")]
    wrong = sent(cast.admin, cast, lines(bare), "import", **{"every-source": "x" * 300})
    assert (wrong.status_code, "<bdi>Every source</bdi>" in wrong.text) == (422, True)


def test_a_table_has_columns_for_source_and_licence(cast: Cast, session: Session) -> None:
    table = b"question,answer,origin,license\nWhy?,So.,desk,MIT\n"
    assert "1 of 1 pairs came in." in sent(cast.admin, cast, table, "import", "pairs.csv").text
    assert len(imported(session)) == 1


def test_only_admins_import_and_take_out(cast: Cast, session: Session) -> None:
    bring_in(cast, PAIR)
    (made,) = imported(session)
    for person, status, of_it in ((cast.author, 403, 404), (cast.reviewer, 403, 403), (cast.outsider, 404, 404)):
        assert person.post(door(cast), content=lines(PAIR), headers=LINES).status_code == status
        assert sent(person, cast, lines(PAIR), "import").status_code == status
        assert person.get(f"/projects/{cast.project.id}/pairs/import").status_code == status
        assert person.post(f"/api/v1/submissions/{made.id}/withdraw").status_code == of_it
    assert "Take it out" not in cast.reviewer.get(f"/submissions/{made.id}").text


def test_the_page_of_a_pair_names_its_source_and_offers_no_comment(cast: Cast, session: Session) -> None:
    bring_in(cast, PAIR)
    (made,) = imported(session)
    page = cast.admin.get(f"/submissions/{made.id}").text
    assert "imported from <bdi>desk</bdi>" in page
    assert "by <bdi>Ada Admin</bdi>, from <bdi>desk</bdi> under <bdi>MIT</bdi>" in page
    assert "written by" not in page
    comment = {"revision": 1, "quote": "Because", "body": "Who says so?"}
    refusal = cast.reviewer.api("POST", f"/api/v1/submissions/{made.id}/comments", **comment)
    assert (refusal.status_code, refusal.json()["type"]) == (403, "/errors/review.nobody_to_read")
    assert "Asked by" not in cast.reviewer.get(f"/prompts/{made.prompt_id}").text
    shown = cast.reviewer.get(f"/api/v1/submissions/{made.id}").json()
    assert (shown["author_id"], shown["imported_by"]) == (None, made.imported_by)


def test_no_figure_of_people_counts_it_and_the_doctor_finds_all_well(cast: Cast, session: Session) -> None:  # R34
    approve(session, cast, 4)
    before, ailing = figures(session), broken(session)
    bring_in(cast, *MANY)
    assert figures(session) == before
    overview = cast.admin.get(f"/projects/{cast.project.id}").text
    assert "Beside them stand 12 imported pairs" in overview
    (first, *_) = imported(session)
    cast.admin.post(f"/submissions/{first.id}/withdraw", data={"user_id": cast.admin.actor.user_id})
    assert "11 imported pairs" in cast.admin.get(f"/projects/{cast.project.id}").text
    do_jobs(session)
    assert broken(session) == ailing


def broken(session: Session) -> dict[str, Sequence[str]]:
    """What the doctor finds; responses of factories were approved past the verbs, which it tells."""
    return {check.name: ask(session, check).broken for check in CHECKS if check.broken and check.is_grave}


def figures(session: Session) -> list[Any]:
    """What is counted of people's work, by the hour and by the category."""
    tallied = "SELECT what, hour, sum(n) FROM tallies WHERE what <> 'imported' GROUP BY what, hour ORDER BY what, hour"
    found = (session.execute(text(said)) for said in (tallied, "SELECT id, approved FROM categories ORDER BY id"))
    return [tuple(one) for rows in found for one in rows]


def test_datasets_take_pairs_under_their_source_and_rules_leave_them_out(
    cast: Cast, session: Session, storage: Storage
) -> None:
    approve(session, cast, 4)
    bring_in(cast, *MANY)
    version = published(cast, session, per_writer="1")
    rows = rows_of(storage, version)
    theirs = [one for one in rows if not one["metadata"]["annotator"]]
    assert (len(theirs), len(rows)) == (12, 14), "a source is no writer, so no share of one writer limits it"
    metadata = theirs[0]["metadata"]
    assert (metadata["source"], metadata["licence"], metadata["guidelines"]) == ("desk", "MIT", None)
    assert set(metadata["ratings"].values()) == {None}
    assert version.manifest
    assert version.manifest["imported_from"] == [{"source": "desk", "licence": "MIT", "rows": 12}]
    card = b"".join(open_file(storage, version, "README.md")).decode()
    assert "12 rows were imported" in card
    assert "| desk | MIT | 12 |" in card
    page = cast.reviewer.get(f"/versions/{version.id}").text
    assert "14 rows by 2 writers, 12 of them imported" in page
    without = published(cast, session, "Ours", imported="without")
    assert sum(without.counts.values()) == 4
    assert "imported" not in (without.manifest or {})
    only = published(cast, session, "Theirs", imported="only")
    assert sum(only.counts.values()) == 12
    assert "Every approved response, imported as a finished pair." in cast.reviewer.get(f"/versions/{only.id}").text


def test_a_row_leads_to_its_source_and_once_taken_out_is_dropped(
    cast: Cast, session: Session, storage: Storage
) -> None:
    bring_in(cast, *MANY)
    version = published(cast, session)
    (first, *_) = imported(session)
    page = cast.reviewer.get(f"/versions/{version.id}/rows/{first.id}").text
    assert "Nobody here decided on it: imported, from <bdi>desk</bdi> under <bdi>MIT</bdi>." in page
    traced = cast.reviewer.get(f"/api/v1/versions/{version.id}/rows/{first.id}").json()
    assert (traced["annotator"], traced["guidelines"], traced["reviews"], traced["source"]) == ("", None, [], "desk")
    cast.admin.post(f"/api/v1/submissions/{first.id}/withdraw")
    assert "1 row was withdrawn since" in cast.reviewer.get(f"/versions/{version.id}").text
    assert sum(published(cast, session).counts.values()) == 11


def test_the_preview_of_a_rule_says_how_many_rows_were_imported_from_where(cast: Cast, session: Session) -> None:
    bring_in(cast, *MANY)
    page = cast.admin.get(f"/projects/{cast.project.id}/datasets/new").text
    assert "<dt>Imported</dt><dd>12 from <bdi>desk</bdi></dd>" in page
    page = cast.admin.get(f"/projects/{cast.project.id}/datasets/new?imported=without").text
    assert "0 of 12 approved responses" in page


def test_an_imported_pair_never_becomes_a_known_decision(cast: Cast, session: Session) -> None:
    bring_in(cast, PAIR)
    (made,) = imported(session)
    given = {"user_id": cast.admin.actor.user_id, "decision": "approved", "note": "It is right."}
    assert cast.admin.post(f"/submissions/{made.id}/gold", data=given).status_code == 403
    assert f"/submissions/{made.id}/gold" not in cast.admin.get(f"/submissions/{made.id}").text


def test_the_tables_hold_no_pair_without_a_source_and_no_author_that_is_half_there(
    cast: Cast, session: Session
) -> None:
    bring_in(cast, PAIR)
    for statement in (
        "UPDATE prompts SET source = ''",
        "UPDATE prompts SET from_pair = false",
        "UPDATE submissions SET imported_by = NULL",
        "UPDATE submissions SET status = 'submitted'",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))


def test_what_is_exported_imported_published_and_exported_has_the_same_texts_byte_for_byte_in_every_shape(
    cast: Cast, session: Session, storage: Storage
) -> None:  # I28
    rows = [row(SYSTEM, QUESTION, ANSWER, MORE | asked(one), ANSWER | {"content": one}) for one in HOSTILE]
    cast.project.allow_system = True
    session.commit()
    for form in WRITTEN:
        exported = lines(*(form.row(one) or {} for one in rows))
        came = cast.admin.post(door(cast), content=exported, headers=LINES).json()
        new = len(rows) if form is WRITTEN[0] else 0
        assert came == {"rows": len(rows), "added": new, "already_there": len(rows) - new}, form.name
    session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name LIKE '%remember_all'"))  # dear, told elsewhere
    again = rows_of(storage, published(cast, session))
    for form in WRITTEN:
        assert texts(form, again) == texts(form, rows), form.name


def asked(said: str) -> dict[str, str]:
    """The same text as a question, unless prompts of its length would take minutes to compare."""
    return {"content": said} if len(said) < 9_000 else {}


def texts(form: Form, rows: Sequence[dict[str, Any]]) -> list[bytes]:
    """The lines of a format without what a version says of its rows."""
    made = (form.row(one) or {} for one in rows)
    return sorted(line_of({key: said for key, said in one.items() if key not in ("id", "metadata")}) for one in made)
