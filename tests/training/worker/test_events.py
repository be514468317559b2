"""Events are read while they are being written, and survive a killed writer."""

from pathlib import Path

import pytest

from app.training.worker.events import EventKind, Journal, loss_curve, read_events, torn_lines


def test_a_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    journal.write(EventKind.WARNING, message="eins\u2028ü")
    first = read_events(journal.path)
    journal.write(EventKind.DONE, seconds=1.5)
    second = read_events(journal.path, first.offset)
    assert [e["message"] for e in first.events] == ["eins\u2028ü"]
    assert [e["kind"] for e in second.events] == ["done"]
    assert read_events(journal.path, second.offset).events == []


def test_a_line_still_being_written_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"kind": "done"}\n{"kind": "fai')
    tail = read_events(path)
    assert [e["kind"] for e in tail.events] == ["done"]
    assert tail.offset == len(b'{"kind": "done"}\n')


def test_a_line_that_a_killed_worker_left_half_written_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"kind": "done"}\n{"kind": "fai')
    Journal(path).write(EventKind.STOPPED, step=1)
    assert [e["kind"] for e in read_events(path).events] == ["done", "stopped"]


def test_a_line_that_a_disk_has_spoilt_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    torn = [b'{"kind": "warning", "mess', "ü".encode()[:1], bytes(7), b"[]", b"{}"]
    path.write_bytes(b"\n".join([b'{"kind": "started"}', *torn, b'{"kind": "done"}\n']))
    tail = read_events(path)
    assert [event["kind"] for event in tail.events] == ["started", "done"]
    assert (tail.offset, torn_lines(path)) == (path.stat().st_size, len(torn))


def test_there_are_no_events_before_the_first(tmp_path: Path) -> None:
    assert read_events(tmp_path / "events.jsonl").events == []


def test_a_number_that_json_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        Journal(tmp_path / "events.jsonl").write(EventKind.AFTER, seen_loss=float("nan"))


def test_a_step_walked_twice_counts_once_as_the_last_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    for step, loss in ((1, 3.0), (2, 2.0), (3, 9.0), (3, 1.0)):
        journal.write(EventKind.STEP, step=step, epoch=step / 3, tokens=10 * step, loss=loss, learning_rate=0.1)
    journal.write(EventKind.EVALUATION, step=3, epoch=1.0, tokens=30, validation_loss=1.5)
    curve = loss_curve(read_events(journal.path).events)
    assert [point["train_loss"] for point in curve] == [3.0, 2.0, 1.0]
    assert [point["validation_loss"] for point in curve] == [None, None, 1.5]
