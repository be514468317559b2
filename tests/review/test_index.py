"""The queue: one submission at a time, in the way in which the reviewer wants to look at it."""

import re
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.review.models import Decision, Opinion, Review
from app.writing.models import Revision, Submission
from tests import factories
from tests.cast import Cast
from tests.review.conftest import HandIn, decided, posted, sheet_of, took


def page(cast: Cast, query: str = "") -> str:
    """What the reviewer sees."""
    answer = cast.reviewer.get(f"/projects/{cast.project.id}/review{query}")
    assert answer.status_code == 200
    return answer.text


def test_an_empty_queue_says_what_will_stand_here(cast: Cast) -> None:
    assert "Nothing waits for you" in page(cast)


def test_looking_takes_nothing(cast: Cast, waiting: Submission, session: Session) -> None:  # S33
    assert "One response waits for you." in page(cast)
    held = session.scalar(text("SELECT count(*) FROM submissions WHERE lease_holder_id IS NOT NULL"))
    assert held == 0


def test_what_is_taken_stays_on_the_page_after_a_reload(cast: Cast, waiting: Submission) -> None:
    took(cast.reviewer, cast.project.id)
    assert page(cast) == page(cast)
    assert sheet_of(cast.reviewer, waiting) in page(cast)


def test_a_decision_leads_to_the_next_and_says_what_was_done(cast: Cast, hand_in: HandIn) -> None:
    first = hand_in(cast.author, asked="Explain inflation")
    second = hand_in(cast.second_author, asked="Plan a birthday")
    took(cast.reviewer, cast.project.id)
    answer = posted(cast.reviewer, first)
    shown = cast.reviewer.get(answer.headers["location"]).text
    assert "Approved “Explain inflation”." in shown
    assert sheet_of(cast.reviewer, second) in shown
    elsewhere = answer.headers["location"]
    assert "Explain inflation" not in cast.second_reviewer.get(elsewhere).text


def test_the_response_is_shown_as_it_reads_and_raw(cast: Cast, hand_in: HandIn) -> None:
    hand_in(cast.author, "Some *emphasis* and <b>no HTML</b>")
    took(cast.reviewer, cast.project.id)
    assert "<em>emphasis</em>" in page(cast, "?view=reads")
    raw = page(cast, "?view=raw")
    assert "Some *emphasis* and &lt;b&gt;no HTML&lt;/b&gt;" in raw
    for shown in (raw, page(cast)):
        assert "<b>no HTML" not in shown


def test_another_view_of_the_text_keeps_the_note_and_the_ratings(cast: Cast, hand_in: HandIn) -> None:
    submission = hand_in(cast.author, "Some *emphasis*")
    took(cast.reviewer, cast.project.id)
    shown = posted(cast.reviewer, submission, "", view="raw", note="So far", **{"rating-helpful": 3}).text
    assert "Some *emphasis*" in shown
    assert "So far</textarea>" in shown
    assert 'name="rating-helpful" value="3" checked' in shown


def test_a_refused_decision_names_the_rows_and_marks_them_and_keeps_what_was_filled_in(
    cast: Cast, waiting: Submission
) -> None:
    took(cast.reviewer, cast.project.id)
    ratings: dict[str, Any] = {"rating-helpful": 3, "rating-correct": 9, "rating-kind": 2}
    refused = posted(cast.reviewer, waiting, note="So far", **ratings)
    assert refused.status_code == 422
    assert "/ratings/" not in refused.text
    assert '<a href="#rating-correct">Correct</a> is not a whole number from 1 to 5' in refused.text
    assert "<bdi>“kind”</bdi> is no criterion of these guidelines" in refused.text
    rows = dict(re.findall(r'<fieldset id="(rating-\w+)"([^>]*)>', refused.text))
    marked = ' role="radiogroup" aria-invalid="true" aria-describedby="rating-correct-hint rating-correct-error"'
    assert rows["rating-correct"] == marked
    assert [name for name, more in rows.items() if "invalid" in more] == ["rating-correct"]
    assert 'id="rating-correct-error">is not a whole number' in refused.text
    assert "So far</textarea>" in refused.text
    assert 'name="rating-helpful" value="3" checked' in refused.text


def test_a_note_that_is_missing_is_marked(cast: Cast, waiting: Submission) -> None:
    took(cast.reviewer, cast.project.id)
    refused = posted(cast.reviewer, waiting, "rejected").text
    assert '<a href="#note">Note to the writer</a> is empty' in refused
    assert re.search(
        r'<textarea[^>]* id="note"[^>]* aria-invalid="true" aria-describedby="note-hint note-error"', refused
    )


def test_a_second_revision_is_shown_by_what_changed(cast: Cast, hand_in: HandIn) -> None:
    hand_in(cast.author, "Go to court now.", "Go to an ombudsman now.")
    took(cast.reviewer, cast.project.id)
    shown = page(cast)
    assert "Changes since revision 1" in shown
    assert "<del>" in shown
    assert "<ins>" in shown
    assert "ombudsman" in shown
    assert "<del>" not in page(cast, "?view=raw")


@pytest.mark.parametrize(("kind", "wanted"), [(Review, 1), (Opinion, 2)])
def test_who_judged_an_earlier_revision_sees_what_changed_since_that_one(
    cast: Cast, hand_in: HandIn, session: Session, kind: type[Review | Opinion], wanted: int
) -> None:
    made = hand_in(cast.author, "Rain falls.", "Rain falls down.", "Rain falls down, mostly.")
    first = session.scalars(select(Revision).where(Revision.submission_id == made.id, Revision.number == 1)).one()
    assert cast.reviewer.user
    of = {"project_id": cast.project.id, "submission_id": made.id, "revision_id": first.id}
    said = {"decision": Decision.CHANGES_REQUESTED, "ratings": {}, "note": "Which way?"}
    factories.stored(session, kind(**of, **said, reviewer_id=cast.reviewer.user.id))
    session.get_one(Project, cast.project.id).reviews_per_response = wanted
    session.commit()
    shown = {}
    for who in (cast.reviewer, cast.second_reviewer):
        took(who, cast.project.id)
        shown[who] = who.get(f"/projects/{cast.project.id}/review").text
        session.execute(update(Submission).values(lease_holder_id=None, lease_expires_at=None))
        session.commit()
    told = [(name, re.findall("<ins>(.*?)</ins>", text)) for text in shown.values() for name in tabs(text)]
    assert told == [("Changes since revision 1", [" down, mostly"]), ("Changes since revision 2", [", mostly"])]


def tabs(page: str) -> list[str]:
    """The labels of the ways to look that tell of changes."""
    return re.findall(r">(Changes since [^<]*)</button>", page)


def test_characters_that_cannot_be_seen_are_marked_in_every_view(cast: Cast, hand_in: HandIn) -> None:
    hand_in(cast.author, "plain", "pay \u202eeno\u202c now\u200b")
    took(cast.reviewer, cast.project.id)
    for view in ("reads", "raw", "changes"):
        shown = page(cast, f"?view={view}")
        assert "U+202E" in shown  # S74
        assert "U+200B" in shown
        assert "3 characters cannot be seen: right-to-left override (U+202E)" in shown
        assert 'dir="auto"' in shown
    raw = page(cast, "?view=raw")
    assert [character in raw for character in "\u202e\u202c\u200b"] == [True] * 3


def test_an_emoji_of_parts_is_not_torn_apart_by_marks(cast: Cast, hand_in: HandIn) -> None:
    hand_in(cast.author, "A family: \U0001f468\u200d\U0001f469\u200d\U0001f467")
    took(cast.reviewer, cast.project.id)
    assert "\U0001f468\u200d\U0001f469\u200d\U0001f467" in page(cast, "?view=raw")
    assert "No invisible characters" in page(cast)


def test_a_very_long_response_is_shown_raw(cast: Cast, hand_in: HandIn) -> None:  # I22
    hand_in(cast.author, "[" * 100_000)
    took(cast.reviewer, cast.project.id)
    shown = page(cast)
    assert "As it reads" not in shown
    assert "[" * 100_000 in shown


def test_facts_stand_beside_the_text(cast: Cast, hand_in: HandIn) -> None:
    hand_in(cast.author, "Three small words")
    took(cast.reviewer, cast.project.id)
    shown = page(cast)
    assert "3 words" in shown
    assert "17 characters, of 1 to 20,000" in shown
    assert "Written under guidelines 1, as now" in shown


def test_of_one_word_it_is_said_in_the_singular(cast: Cast, hand_in: HandIn) -> None:
    hand_in(cast.author, "Yes.")
    took(cast.reviewer, cast.project.id)
    assert re.search(r"\b1 word\b", page(cast))


def test_the_writer_is_a_pseudonym_to_the_reviewer(cast: Cast, waiting: Submission) -> None:
    took(cast.reviewer, cast.project.id)
    assert "Ann Author" not in page(cast)
    assert "ann.author@" not in page(cast)


def test_an_earlier_decision_is_told_to_the_next_reviewer(cast: Cast, hand_in: HandIn, session: Session) -> None:
    twice = hand_in(cast.author, "First.", "Second.")
    assert cast.second_reviewer.user
    session.execute(
        text(
            "INSERT INTO reviews (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note) "
            "SELECT :project, submission_id, id, :who, 'changes_requested', '{}', 'Say where it holds.' "
            "FROM revisions WHERE submission_id = :submission AND number = 1"
        ),
        {"project": cast.project.id, "who": cast.second_reviewer.user.id, "submission": twice.id},
    )
    session.commit()
    took(cast.reviewer, cast.project.id)
    assert "Say where it holds." in page(cast)


def test_a_category_narrows_the_queue_and_stays_chosen(cast: Cast, hand_in: HandIn, session: Session) -> None:
    explain, plan = session.scalars(
        text("SELECT id FROM categories WHERE project_id = :p ORDER BY name").bindparams(p=cast.project.id)
    )
    first = hand_in(cast.author, asked="How do I plan a trip?", category_id=plan)
    second = hand_in(cast.second_author, asked="Plan a birthday", category_id=plan)
    hand_in(cast.author, asked="What is inflation?", category_id=explain)
    assert "Responses in <bdi>Plan</bdi> wait for you." in page(cast, f"?category={plan}")
    took(cast.reviewer, cast.project.id, category=plan)
    answer = posted(cast.reviewer, first, category=plan)
    assert f"category={plan}" in answer.headers["location"]
    assert sheet_of(cast.reviewer, second) in cast.reviewer.get(answer.headers["location"]).text
    last = cast.reviewer.get(posted(cast.reviewer, second, category=plan).headers["location"]).text
    assert "Nothing waits for you in Plan" in last


def test_turns_before_the_last_are_shown_with_who_speaks(cast: Cast, hand_in: HandIn) -> None:
    asked = [
        {"role": "system", "content": "You are terse."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "Who are you?"},
    ]
    hand_in(cast.author, messages=asked)
    took(cast.reviewer, cast.project.id)
    shown = page(cast)
    assert [word in shown for word in ("System", "You are terse.", "Who are you?")] == [True] * 3


def test_writers_are_refused_and_outsiders_know_of_nothing(cast: Cast) -> None:
    path = f"/projects/{cast.project.id}/review"
    assert cast.author.get(path).status_code == 403
    assert cast.outsider.get(path).status_code == 404
    assert cast.visitor.get(path).status_code == 303


def test_unknown_views_and_hidden_ids_say_nothing(cast: Cast, waiting: Submission) -> None:
    path = f"/projects/{cast.project.id}/review"
    assert cast.reviewer.get(f"{path}?view=source").status_code == 422
    assert cast.reviewer.get(f"{path}?category={2**63}").status_code == 422
    assert cast.reviewer.get(f"{path}?category=123456").status_code == 200


def test_one_damaged_submission_errs_by_name_and_the_queue_goes_on(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:  # R36
    broken, whole = hand_in(cast.author), hand_in(cast.second_author, asked="A whole one")
    session.execute(
        text(
            "INSERT INTO revisions (submission_id, number, author_id, prompt_messages, messages, guidelines_id, "
            "draft_revision) SELECT submission_id, 2, author_id, prompt_messages, '[{\"role\": 7}]', guidelines_id, 2 "
            "FROM revisions WHERE submission_id = :id"
        ),
        {"id": broken.id},
    )
    session.execute(text("UPDATE submissions SET current_revision = 2 WHERE id = :id"), {"id": broken.id})
    session.commit()
    took(cast.reviewer, cast.project.id)
    answer = cast.reviewer.get(f"/projects/{cast.project.id}/review")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    left = posted(cast.reviewer, broken, "skipped", revision=2)
    assert sheet_of(cast.reviewer, whole) in cast.reviewer.get(left.headers["location"]).text
    assert decided(cast.reviewer, whole).status_code == 201
    assert cast.reviewer.get(f"/projects/{cast.project.id}/review/history").status_code == 200
