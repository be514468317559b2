"""A run's page says how far it is, what its curve shows, and no more than that."""

from typing import Any

from app.training.curves import DRAWN, best_step, finding_of, thinned
from app.training.progress import checkpoints_of, log_line, progress_of, time_left
from app.training.worker.events import Event, loss_curve


def told(kind: str, second: int = 0, **values: Any) -> Event:
    """One line of events.jsonl, `second` seconds after noon."""
    return {"kind": kind, "at": f"2026-11-24T12:00:{second:02d}+00:00", **values}  # type: ignore[typeddict-item]


def step(number: int, loss: float = 2.0, second: int | None = None) -> Event:
    """One optimiser step, a second each."""
    return told(
        "step",
        number if second is None else second,
        step=number,
        epoch=number / 10,
        tokens=number * 100,
        loss=loss,
        learning_rate=1e-3,
        tokens_per_second=512.0,
        memory_bytes=10**9,
    )


def held(number: int, loss: float) -> Event:
    """A validation loss after a step."""
    return told("evaluation", step=number, epoch=number / 10, tokens=0, validation_loss=loss)


def test_before_the_first_event_it_waits_for_a_trainer() -> None:
    progress = progress_of([], ended=False)
    assert (progress.percent, progress.stage, progress.curve) == (0, "Waiting for a trainer", None)


def test_progress_counts_steps_of_the_whole() -> None:
    progress = progress_of([told("started", total_steps=20, rows={}), *(step(n) for n in range(1, 6))], ended=False)
    assert (progress.step, progress.total_steps, progress.percent) == (5, 20, 25)
    assert progress.speed == "512 tokens a second"


def test_the_time_left_is_the_pace_of_the_last_steps() -> None:
    assert time_left([step(n) for n in range(1, 11)], total=40) == "about 30 s left"
    assert time_left([step(10)], total=40) == ""


def test_a_pause_before_a_resume_is_no_part_of_the_pace() -> None:
    noon, night = step(1), [step(n) | {"at": f"2026-11-24T22:00:0{n}+00:00"} for n in (2, 3, 4)]
    events = [told("started", total_steps=24), noon, told("started", total_steps=24, resumed_from=1), *night]
    assert progress_of(events, ended=False).left == "about 20 s left"


def test_only_checkpoints_that_are_kept_are_named() -> None:
    saved = [told("checkpoint", step=step) for step in (4, 8, 12)]
    assert checkpoints_of(saved) == [8, 12]
    again = [told("started", resumed_from=8), told("checkpoint", step=12)]
    assert checkpoints_of([*saved, again[0]]) == [8]
    assert checkpoints_of([*saved, *again]) == [8, 12]
    assert checkpoints_of([*saved, told("started", resumed_from=None)]) == []


def test_steps_walked_again_after_a_resume_count_once() -> None:
    points = loss_curve([step(1, 3.0), step(2, 2.0), step(2, 1.9), step(3, 1.8)])
    assert [(p["step"], p["train_loss"]) for p in points] == [(1, 3.0), (2, 1.9), (3, 1.8)]


def test_a_validation_loss_that_turned_is_said_without_claiming_harm() -> None:
    points = loss_curve([held(5, 2.0), held(10, 1.5), held(15, 1.7)])
    assert best_step(points) == 10
    assert "since step 10: by loss alone" in finding_of(points)
    assert "People may still prefer" in finding_of(points)


def test_a_validation_loss_that_falls_is_said_to_fall() -> None:
    assert finding_of(loss_curve([held(5, 2.0), held(10, 1.5)])) == "Validation loss is still falling."


def test_a_validation_loss_that_wavers_by_a_hair_is_not_called_memorising() -> None:
    points = loss_curve([held(5, 2.0), held(10, 1.5), held(15, 1.51)])
    assert finding_of(points) == "Validation loss has hardly moved since step 10."


def test_the_log_tells_each_event_in_a_line() -> None:
    assert log_line(step(7, 1.25)) == "12:00:07  step     7  loss 1.250  lr 0.001000"
    assert log_line(told("started", resumed_from=22)) == "12:00:00  going on from step 22"
    assert log_line(told("failed", reason="No rows.")) == "12:00:00  failed: No rows."


def test_a_long_curve_is_drawn_by_the_means_of_its_pieces_up_to_its_last_step() -> None:
    points = [(float(n), float(n % 2)) for n in range(1, 10 * DRAWN + 1)]
    drawn = thinned(points)
    assert len(drawn) == DRAWN
    assert drawn[-1] == (10.0 * DRAWN, 0.5)
    assert thinned(points[:DRAWN]) == points[:DRAWN]


def test_of_very_many_validation_losses_some_are_told_and_always_the_lowest_and_the_last() -> None:
    losses = {n: 1.0 if n == 777 else 2 + n / 10_000 for n in range(1, 2001)}
    progress = progress_of([held(n, loss) for n, loss in losses.items()], ended=True)
    assert progress.curve
    assert progress.curve_table
    rows = [row[0] for row in progress.curve_table.rows]
    assert {"777", "2000"} <= set(rows)
    assert len(rows) < 150
    assert "lowest validation, step 777" in str(progress.curve)
    assert len(str(progress.curve)) < 30_000


def test_the_learning_rate_is_drawn_against_its_highest() -> None:
    progress = progress_of([step(n) for n in range(1, 4)], ended=True)
    assert progress.rate
    assert progress.rate.label == "Learning rate by steps, in percent of its highest, 0.001. It is 0.001 now."
    assert progress_of([step(1)], ended=True).rate is None
