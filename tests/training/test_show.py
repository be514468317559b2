"""How is it going? A run's page in each of its states, the part of it that changes, and the same by the API."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.training import blind, queries, service
from app.training.blind import Blind, words_of
from app.training.jobs import put_silent_back
from app.training.launch import CannotWork
from app.training.laying import plan_of
from app.training.models import Run, RunStatus
from app.training.worker.events import EventKind
from tests.cast import Cast
from tests.training.made import NOON, began, done, event, failed, told

ADVICE = "The disk is full. Free some space, then let the run go on: the last whole checkpoint is kept."
POLLS = 'hx-trigger="every 2s"'


def test_a_queued_run_waits_for_a_trainer_and_can_be_stopped(cast: Cast, queued: int) -> None:
    page = cast.admin.get(f"/runs/{queued}").text
    assert "Waiting for a trainer" in page
    assert "The curve begins with the first step." in page
    assert f'hx-get="/runs/{queued}/live?along=steps' in page
    assert POLLS in page
    assert f'action="/runs/{queued}/stop"' in page
    assert "/resume" not in page
    assert "Written when the run is done" in page


def test_a_run_that_waits_without_a_trainer_says_so_until_one_is_there(
    cast: Cast, queued: int, session: Session
) -> None:
    shown = cast.admin.get(f"/runs/{queued}").text
    assert "penset worker --queue training" in shown
    state = re.search(r"seen=([^&\"]+)", shown)
    assert state
    session.execute(text("INSERT INTO procrastinate_workers (named) VALUES ('penset default@a')"))
    assert cast.admin.get(f"/runs/{queued}/live?seen={state[1]}").status_code == 204
    session.execute(text("INSERT INTO procrastinate_workers (named) VALUES ('penset training@b')"))
    now = cast.admin.get(f"/runs/{queued}/live?seen={state[1]}")
    assert now.status_code == 200
    assert "penset worker --queue training" not in now.text
    assert "Waiting for a trainer" in now.text


def test_a_setting_that_only_a_newer_penset_knows_is_shown_and_not_carried_out(
    cast: Cast, queued: int, session: Session
) -> None:
    run = session.get_one(Run, queued)
    run.plan = {**run.plan, "new_trick": 3}
    session.commit()
    assert "<dt>new_trick</dt><dd>3</dd>" in cast.admin.get(f"/runs/{queued}").text
    with pytest.raises(CannotWork, match=r"'new_trick' is not a setting of a run\. Another release of Penset has"):
        plan_of(run)


def test_a_running_run_shows_how_far_it_is_its_curve_and_its_log(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    page = cast.admin.get(f"/runs/{queued}").text
    assert "<strong>60 %</strong>" in page
    assert "step 12 of 20" in page
    assert "train 2.00" in page
    assert "validation 3.90" in page
    assert "Validation loss has not fallen since step 6: by loss alone" in page
    assert "tokens a second" in page
    assert "900.0 MB" in page
    assert "12:00:12  step    12  loss 2.000  lr 0.001000" in page


def test_the_page_shows_which_tokens_of_a_row_bear_loss(cast: Cast, queued: int, session: Session) -> None:
    run = began(session, queued)
    tokens = [
        {"text": "<b>Why?", "learned": False},
        {"text": " &", "learned": True},
        {"text": "<end>", "learned": True},
    ]
    row = {"id": "s-4", "count": 9, "learned": 2, "before": 6, "after": 0, "tokens": tokens}
    service.keep_events(session, run.id, [event(EventKind.TOKENS, shown=[row])])
    page = cast.reviewer.get(f"/runs/{queued}").text
    assert "Row s-4: 2 of 9 tokens bear loss; 6 far from where what bears loss begins are not shown" in page
    assert "<span>&lt;b&gt;Why?</span><mark> &amp;</mark><mark>&lt;end&gt;</mark>" in page


def test_what_is_underlined_is_told_by_the_method(cast: Cast, queued: int, session: Session) -> None:
    for method, caption, sentence in (
        ("reward", "read at its last token, which is underlined", "Pair c-1, chosen: 9 tokens, and one reward"),
        ("dpo", "What both begin with alike cancels out", "Pair c-1, chosen: 2 of 9 tokens bear loss"),
        ("rloo", "nothing of a prompt bears loss", "Prompt c-1, chosen: 7 tokens, none of which bears loss"),
    ):
        run = began(session, queued, method)
        row = {"id": "c-1, chosen", "count": 9, "learned": 2, "before": 0, "after": 0, "tokens": []}
        service.keep_events(session, run.id, [event(EventKind.TOKENS, shown=[row])])
        page = cast.reviewer.get(f"/runs/{queued}").text
        assert caption in page
        assert sentence in page


def test_what_it_says_as_it_learns_is_shown_by_prompt_each_step_once_and_as_text(
    cast: Cast, queued: int, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(session, queued)
    asked: dict[str, Any] = {
        "id": "s-7",
        "prompt_id": "p-7",
        "category": "",
        "split": "validation",
        "messages": [{"role": "user", "content": "Why <i>?"}],
        "ended": True,
    }
    told = [
        event(EventKind.ANSWER, step=step, epoch=epoch, sample={**asked, "text": text})
        for step, epoch, text in ((0, 0.0, "By por"), (4, 1.0, "Lost"), (4, 1.0, "Of\ncourse <b>"))
    ]
    service.keep_events(session, queued, told)
    page = cast.reviewer.get(f"/runs/{queued}").text
    part = page.split("What it says, as it learns")[1].split("</details>")[0]
    assert "Why &lt;i&gt;?" in part
    assert part.index("Before the first step") < part.index("By por") < part.index("After epoch 1")
    assert "Of\ncourse &lt;b&gt;" in part
    assert "Lost" not in part
    judged = Blind(frozenset([words_of(asked["messages"])]), "a set")
    monkeypatch.setattr(blind, "JUDGED_IN", [lambda *_: judged])
    assert "What it says, as it learns" not in cast.reviewer.get(f"/runs/{queued}").text
    assert "text" not in judged.told(told[0])["sample"]


def test_of_a_long_run_some_are_drawn_of_each_curve_its_beginning_its_end_and_whatever_there_is_little_of(
    cast: Cast, queued: int, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = began(session, queued)
    place = {"epoch": 1, "tokens": 800}
    begun, *steps = [one for one in told(steps=600, total=1000) if one["kind"] in ("started", "step")]
    measured = [event(EventKind.EVALUATION, step=one["step"], validation_loss=3.0, **place) for one in steps]
    saved = [event(EventKind.CHECKPOINT, step=one["step"], folder="checkpoints/1") for one in steps[::20]]
    by_turns = [one for pair in zip(steps, measured, strict=True) for one in pair]  # a measure after each step
    service.keep_events(session, queued, [{**one, "at": NOON.format(0)} for one in [begun, *by_turns, *saved]])
    monkeypatch.setattr(queries, "SHOWN", 100)
    every, shown = queries.events_of(session, run.id), queries.events_shown(session, run.id)
    for kind in (EventKind.STEP, EventKind.EVALUATION):
        drawn = [one["step"] for one in shown if one["kind"] == kind]
        assert 85 <= len(drawn) <= 100 + 2 * queries.LATEST
        assert max(after - before for before, after in pairwise(drawn)) <= 7, "evenly"
    most = queries.LATEST
    assert (shown[:most], shown[-most:]) == (every[:most], every[-most:])
    few = [[one for one in events if one["kind"] not in queries.MANY] for events in (every, shown)]
    assert few[0] == few[1]
    assert "step 600 of 1000" in cast.admin.get(f"/runs/{queued}").text


def test_the_lowest_of_a_long_run_is_never_left_out(
    cast: Cast, queued: int, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(session, queued)
    losses = [1.5 if step == 300 else 3.0 for step in range(1, 601)]
    place = {"epoch": 1, "tokens": 800}
    measured = [
        event(EventKind.EVALUATION, step=step, validation_loss=loss, **place) for step, loss in enumerate(losses, 1)
    ]
    service.keep_events(session, queued, measured)
    monkeypatch.setattr(queries, "SHOWN", 100)
    lowest = [one for one in queries.events_shown(session, queued) if one.get("validation_loss") == 1.5]
    assert [one["step"] for one in lowest] == [300]
    assert "lowest validation, step 300" in cast.admin.get(f"/runs/{queued}").text


def test_a_run_of_which_nobody_has_heard_for_two_minutes_waits_for_a_trainer(  # R32
    cast: Cast, queued: int, session: Session
) -> None:
    run = began(session, queued)
    for seconds, status in ((110, RunStatus.RUNNING), (130, RunStatus.QUEUED), (130, RunStatus.QUEUED)):
        run.heartbeat_at = datetime.now(UTC) - timedelta(seconds=seconds)
        session.commit()
        put_silent_back(timestamp=0)
        session.refresh(run)
        assert run.status is status
    page = cast.admin.get(f"/runs/{queued}").text
    assert "step 12 of 20 · Waiting for a trainer" in page.replace("</span>", "")
    assert " left</span>" not in page
    jobs = text("SELECT lock FROM procrastinate_jobs WHERE task_name = 'training.train' AND status = 'todo'")
    assert session.scalars(jobs).all() == [f"run-{queued}"] * 2, "that of the start, and one more, once"
    service.keep_events(session, queued, [])  # it was only slow
    session.refresh(run)
    assert run.status is RunStatus.RUNNING


def test_a_run_that_was_to_stop_has_stopped_when_nobody_has_heard_of_it_for_two_minutes_and_can_go_on(  # R32
    cast: Cast, queued: int, session: Session
) -> None:
    run = began(session, queued)
    cast.admin.post(f"/runs/{queued}/stop")
    for seconds, status in ((110, RunStatus.STOPPING), (130, RunStatus.STOPPED)):
        run.heartbeat_at = datetime.now(UTC) - timedelta(seconds=seconds)
        session.commit()
        put_silent_back(timestamp=0)
        session.refresh(run)
        assert run.status is status
    assert run.finished_at
    assert f'action="/runs/{queued}/resume"' in cast.admin.get(f"/runs/{queued}").text


def test_a_run_that_ends_while_it_is_thought_to_wait_is_done(cast: Cast, queued: int, session: Session) -> None:
    run = began(session, queued)
    run.status = RunStatus.QUEUED
    service.settle(session, queued, RunStatus.DONE)
    session.refresh(run)
    assert run.status is RunStatus.DONE


def test_a_failed_run_says_why_and_what_to_do_and_can_go_on(cast: Cast, queued: int, session: Session) -> None:
    failed(session, queued, ADVICE)
    page = cast.admin.get(f"/runs/{queued}").text
    assert "This run failed." in page
    assert ADVICE in page
    assert f'action="/runs/{queued}/resume"' in page
    assert POLLS not in page
    assert "/stop" not in page
    told = cast.admin.get(f"/api/v1/runs/{queued}").json()
    assert (told["status"], told["failure"]) == ("failed", ADVICE)
    assert told["finished_at"]


def test_what_a_failed_run_goes_on_from_is_on_its_button(cast: Cast, queued: int, session: Session) -> None:
    failed(session, queued, ADVICE)
    assert "Go on from the beginning</button>" in cast.admin.get(f"/runs/{queued}").text
    saved = [event(EventKind.CHECKPOINT, step=step, folder=f"checkpoints/checkpoint-{step}") for step in (4, 8)]
    service.keep_events(session, queued, saved)
    assert "Go on from step 8</button>" in cast.admin.get(f"/runs/{queued}").text


def test_a_done_run_leads_to_its_report_and_its_model(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    done(session, storage, queued, tmp_path / "model")
    page = cast.reviewer.get(f"/runs/{queued}").text
    assert f'href="/runs/{queued}/report"' in page
    assert f'href="/runs/{queued}/model/model.safetensors"' in page
    assert POLLS not in page
    assert "/stop" not in page
    assert "/resume" not in page


def test_a_run_that_stops_says_so_until_it_has(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    cast.admin.post(f"/runs/{queued}/stop")
    page = cast.admin.get(f"/runs/{queued}").text
    assert "stopping" in page
    assert POLLS in page
    assert 'action="/runs' not in page
    service.settle(session, queued, RunStatus.STOPPED)
    session.commit()
    assert f'action="/runs/{queued}/resume"' in cast.admin.get(f"/runs/{queued}").text


def test_a_warning_of_the_worker_stands_on_the_page_as_text(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    warning = "checkpoint-8 is not used: <b>it</b> was never finished."
    service.keep_events(session, queued, [event(EventKind.WARNING, message=warning)])
    session.commit()
    page = cast.admin.get(f"/runs/{queued}").text
    assert "checkpoint-8 is not used: &lt;b&gt;it&lt;/b&gt; was never finished." in page
    assert "<b>it</b>" not in page


def test_a_reviewer_watches_but_stops_nothing(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    page = cast.reviewer.get(f"/runs/{queued}").text
    assert "step 12 of 20" in page
    assert "Stop, keep" not in page


def test_the_live_part_is_the_part_that_the_page_holds(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    page, live = (cast.admin.get(f"/runs/{queued}{part}") for part in ("", "/live"))
    assert "<html" not in live.text
    assert live.text.strip().startswith('<div class="page" id="run"')
    assert live.text.strip() in page.text


def test_the_page_tells_the_command_that_repeats_the_run(cast: Cast, queued: int) -> None:
    page = cast.admin.get(f"/runs/{queued}").text
    assert "-m app.training.worker" in page
    assert "/runs/run-1-" in page


def test_the_api_tells_every_event_in_order(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    service.keep_events(session, queued, [event(EventKind.DONE, 9, seconds=61.0)])
    session.commit()
    events = cast.reviewer.get(f"/api/v1/runs/{queued}/events").json()["events"]
    assert events == [*told(), event(EventKind.DONE, 9, seconds=61.0)]


@pytest.mark.parametrize("address", ["/runs/{}", "/runs/{}/live", "/api/v1/runs/{}", "/api/v1/runs/{}/events"])
def test_to_a_writer_an_outsider_and_the_operator_there_is_no_run(cast: Cast, queued: int, address: str) -> None:
    for client, status in (
        (cast.reviewer, 200), (cast.author, 404), (cast.second_author, 404), (cast.outsider, 404), (cast.operator, 404),
    ):  # fmt: skip
        assert client.get(address.format(queued)).status_code == status
    assert cast.visitor.get(address.format(queued)).status_code in (303, 401)


def test_a_program_hears_only_what_it_has_not_heard(
    cast: Cast, queued: int, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(session, queued)
    every = cast.reviewer.get(f"/api/v1/runs/{queued}/events").json()["events"]
    assert cast.reviewer.get(f"/api/v1/runs/{queued}/events?after=5").json()["events"] == every[5:]
    assert cast.reviewer.get(f"/api/v1/runs/{queued}/events?after={len(every)}").json()["events"] == []
    monkeypatch.setattr(queries, "EVENTS_AT_ONCE", len(every) - 1)
    first = cast.reviewer.get(f"/api/v1/runs/{queued}/events").json()
    rest = cast.reviewer.get(f"/api/v1/runs/{queued}/events?after={len(every) - 1}").json()
    assert (first, rest) == ({"events": every[:-1], "more": True}, {"events": every[-1:], "more": False})
