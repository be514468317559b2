"""What did it learn, and what did it only memorise? The report's page, and the same by the API."""

import html
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.core.storage import Storage
from tests.cast import Cast
from tests.evaluation.conftest import Reported
from tests.hostile import rows
from tests.training.made import a_report, about, an_old_report, done, failed, kind, sample, side


def test_the_page_says_the_finding_and_each_figure_with_its_interval(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    assert "It learned to answer, but half of what it gained stays with prompts that it has seen." in page
    assert "1.00 taught" in page
    assert "1.00 memorised" in page
    assert "The whisker is the 95 % interval of the border, 0.90 to 1.10." in page
    assert "-2.00 (-2.10 to -1.90)" in page
    assert "-1.00 (-1.10 to -0.90)" in page


def test_the_gap_is_a_sentence_with_its_interval(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    assert (
        "Between seen and unseen prompts the gap changed by +1.00 nats a response token (95 % interval +0.75 to +1.25)"
    ) in page


def test_each_side_and_each_epoch_is_shown(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    for words in ("never seen, by held-out writers", "never seen, of held-out categories", "+1.10 (+0.80 to +1.40)"):
        assert words in page
    assert "Epoch by epoch" in page
    assert "+1.35 (+1.15 to +1.55)" in page  # the gap after the third epoch


def test_traits_of_answers_stand_with_their_intervals_and_beside_peoples(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    assert "ends by itself 10 before, 80 after" in page
    for cell in ("80 (70 to 90)", "+70 (+60 to +80)", "16 (14 to 18)"):
        assert cell in page


def test_what_is_recited_is_said_and_shown(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    assert "Given 10 prompts of training rows, it recites the response of 30 % (95 % interval 20 to 40)" in page
    assert "Among 20 prompts never seen the same rule finds 0 %" in page
    assert "Water boils at 100 degrees." in page


def test_a_report_that_refuses_says_why_and_shows_no_figure(cast: Cast, reported: Reported) -> None:
    found = {"split": "test", "id": "s-7", "train_id": "s-2", "percent": 83}
    run = reported(
        contaminated=[found], splits={}, gap=None, gaps={}, epochs=[], categories=[], behaviour=[],
        sentences=["This report refuses: s-7 is like s-2 (83 %)."],
    )  # fmt: skip
    page = cast.reviewer.get(f"/runs/{run.id}/report").text
    assert "This report refuses: test prompts stand among the training rows." in page
    assert "s-7 is like s-2 (83 %)" in page
    assert "83 %</td>" in page
    for gone in ("Before and after", "By category", "memorised</span>", "The gap needs"):
        assert gone not in page


def test_a_report_of_an_earlier_penset_is_shown_as_it_was(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    done(session, storage, queued, tmp_path / "model", an_old_report())
    page = cast.reviewer.get(f"/runs/{queued}/report")
    assert page.status_code == 200
    assert "It learned to answer, but half of what it gained stays with prompts that it has seen." in page.text
    assert "held-out writers" not in page.text
    assert "Epoch by epoch" not in page.text
    assert "Does it answer?" not in page.text


def test_categories_are_shown_and_few_prompts_are_said_to_be_few(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    assert "-1.00 (-1.20 to -0.80)" in page
    assert "too few to say" in page
    assert "only 2 test prompts" in page


def test_cautions_and_rows_left_out_are_named(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    assert "How far to trust this" in page
    assert "Read the answers." in page
    assert "1 row took no part:" in page
    assert "It is too long. s-9</li>" in page
    assert "So small a model knows nothing." in page


def test_without_a_caution_no_heading_promises_one(cast: Cast, reported: Reported) -> None:
    run = reported(cautions=[], left_out=[])
    assert "How far to trust this" not in cast.reviewer.get(f"/runs/{run.id}/report").text


def test_a_report_without_unseen_prompts_claims_nothing(cast: Cast, reported: Reported) -> None:
    run = reported(splits={"train": side(4.1, about(-2.0))}, gap=None, categories=[], curve=[], samples=[])
    page = cast.reviewer.get(f"/runs/{run.id}/report")
    assert page.status_code == 200
    assert "There were too few prompts to say what it learned." in page.text
    assert "The gap needs prompts of both the train and the test split." in page.text
    assert "memorised</span>" not in page.text
    assert "Too few steps for a curve." in page.text


def test_an_answer_that_was_cut_is_said_to_be_cut(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    assert page.count("went on; cut here") == 1


def test_hostile_text_in_samples_and_categories_stays_text(cast: Cast, reported: Reported) -> None:
    texts = ["<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "{{ 7 * 7 }}", "[a](javascript:alert(3))"]
    run = reported(
        samples=[sample(text, category=text, id=text) for text in texts],
        categories=[{**a_report()["categories"][0], "category": text} for text in texts],
        kinds=[kind(text) for text in texts],
        left_out=[{"split": "train", "id": text, "reason": text, "tokens": 1} for text in texts],
    )
    page = cast.reviewer.get(f"/runs/{run.id}/report").text
    for text in texts[:2]:
        assert text not in page
        assert html.escape(text) in page
    assert "{{ 7 * 7 }}" in page
    assert 'href="javascript:' not in page


def test_every_text_of_the_hostile_file_is_shown_and_told_as_it_is(cast: Cast, reported: Reported) -> None:
    texts = [row.text for row in rows("text", "markdown", stored=True) if isinstance(row.payload, str)]
    short = [text for text in texts if len(text) < 2000]
    assert len(short) > 20
    run = reported(samples=[sample(text) for text in short])
    assert cast.reviewer.get(f"/runs/{run.id}/report").status_code == 200
    told = cast.reviewer.get(f"/api/v1/runs/{run.id}/report").json()["samples"]
    assert [(one["human"], one["after"], one["messages"][0]["content"]) for one in told] == [(t, t, t) for t in short]


def test_the_api_tells_the_report_as_the_worker_wrote_it(cast: Cast, reported: Reported) -> None:
    assert cast.reviewer.get(f"/api/v1/runs/{reported().id}/report").json() == a_report()


def test_before_the_end_the_page_says_what_will_stand_there(cast: Cast, queued: int, session: Session) -> None:
    page = cast.reviewer.get(f"/runs/{queued}/report")
    assert page.status_code == 200
    assert "No report yet" in page.text
    assert "what it only memorised will stand here" in page.text
    assert f'href="/runs/{queued}"' in page.text
    failed(session, queued, "The disk is full.")
    page = cast.reviewer.get(f"/runs/{queued}/report")
    assert "No report: the run did not come to its end" in page.text
    assert "Let the run go on from its last checkpoint" in page.text


def test_before_the_end_the_api_says_that_there_is_none(cast: Cast, queued: int) -> None:
    answer = cast.reviewer.get(f"/api/v1/runs/{queued}/report")
    assert (answer.status_code, answer.json()["type"]) == (404, "/errors/evaluation.no_report")


@pytest.mark.parametrize("door", ["", "/api/v1"])
def test_only_who_reviews_sees_a_report(cast: Cast, reported: Reported, door: str) -> None:
    address = f"{door}/runs/{reported().id}/report"
    for client, status in (
        (cast.admin, 200), (cast.reviewer, 200), (cast.author, 404), (cast.outsider, 404), (cast.operator, 404),
    ):  # fmt: skip
        assert client.get(address).status_code == status
    assert cast.visitor.get(address).status_code == (401 if door else 303)


def test_the_rail_says_that_a_report_is_a_page_of_the_runs(cast: Cast, reported: Reported) -> None:
    page = cast.reviewer.get(f"/runs/{reported().id}/report").text
    assert f'href="/projects/{cast.project.id}/runs" aria-current="page"' in page
