"""A drawing's lengths follow its numbers."""

import pytest

from app.core.charts import Interval, Marks, Scale, Series, band, lines, number, path, ticks, whisker
from app.core.figures import Bar, Change, Multiple, Stage, bars, before_after, multiples, pipeline, share, split, taught
from app.core.web import environment


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0.95, 2.3, [1.0, 1.5, 2.0]),
        (-1, 1, [-1, -0.5, 0, 0.5, 1]),
        (1.0, 1.0, [1.0]),
        (0, 1e9, [0, 2e8, 4e8, 6e8, 8e8, 1e9]),
        (float("nan"), 1, []),
    ],
)
def test_ticks_are_round_values_within_the_data(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == expected


def test_a_scale_puts_its_ends_at_the_ends_and_data_without_width_at_the_start() -> None:
    assert [Scale(10, 20, 0, 100)(value) for value in (10, 15, 20)] == [0, 50, 100]
    assert Scale(5, 5, 40, 100)(5) == 40


def test_lengths_never_come_in_exponents() -> None:
    assert [number(value) for value in (1e-9, 12.34, 100.0, 1e7)] == ["0", "12.3", "100", "10000000"]


def test_paths_bands_and_whiskers() -> None:
    assert path([(0, 1), (2, 3.55)]) == "M0 1L2 3.5"
    assert path([]) == ""
    assert band([(0, 10), (5, 8)], [(0, 2), (5, 1)]) == "M0 2L5 1L5 8L0 10Z"
    assert whisker(1, 9, 5) == "M1 5H9M1 0V10M9 0V10"


def test_a_falling_loss_goes_down_the_page() -> None:
    drawing = lines("Loss falls", [Series("train", [(0, 2.0), (10, 1.0)], "seen", said="1.00")])
    (line,) = [one for one in drawing.strokes if one.kind == "line"]
    start, end = (float(point.split()[1]) for point in line.d[1:].split("L"))
    assert start < end
    assert drawing.labels[-1].text == "1.00"


def test_lines_draw_their_interval_their_guide_and_their_target() -> None:
    series = Series("score", [(1, 40), (2, 60)], intervals=[(35, 45), (55, 65)], dotted=True)
    marks = Marks(x=[(1, "one"), (2, "two")], guide=(2, "best"), target=(80, "target 80"))
    drawing = lines("Score", [series], marks)
    kinds = [one.kind for one in drawing.strokes]
    assert kinds.count("band") == 1
    assert kinds.count("guide") == 2
    assert {"one", "two", "best", "target 80"} <= {label.text for label in drawing.labels}
    assert len(drawing.dots) == 2


def test_whole_numbers_get_whole_ticks() -> None:
    drawing = lines("Rows", [Series("rows", [(1, 200), (2, 300), (3, 500)])])
    assert [label.text for label in drawing.labels if label.y == "200"] == ["1", "2", "3"]


def test_lines_of_nothing_are_an_empty_drawing() -> None:
    assert lines("Nothing yet", [Series("train", [])]).strokes == ()


def test_bars_stand_on_one_ground_and_the_unsettled_stands_on_the_settled() -> None:
    drawing = bars("Handed in", [Bar("Mon", 2, 2), Bar("Tue", 0), Bar("Wed", 4)])
    hatched, solid, full = drawing.boxes
    assert (hatched.kind, solid.kind) == ("fill-hatch", "fill")
    assert float(hatched.y) + float(hatched.height) == float(solid.y)
    assert float(full.height) == 2 * float(solid.height) == 80
    assert [label.text for label in drawing.labels] == ["Mon", "4", "Tue", "Wed", "4"]


def test_before_is_hollow_and_after_is_solid() -> None:
    change = Change("never seen", Interval(3.1, 2.9, 3.3), Interval(2.4, 2.2, 2.6))
    hollow, solid = before_after("From 3.1 to 2.4", [change]).dots
    assert (hollow.kind, solid.kind) == ("dot-open", "dot")
    assert float(solid.x) < float(hollow.x)


def test_what_was_taught_and_what_was_memorised_fill_the_bar() -> None:
    solid, hatched = taught("Taught", Interval(33.7, 27.0, 40.3), 55.2).boxes
    assert float(solid.width) == pytest.approx(33.7 / 55.2 * 1000, abs=0.1)
    assert float(hatched.x) + float(hatched.width) == pytest.approx(1000)


@pytest.mark.parametrize(("carried", "kinds"), [(-5.0, ["fill-hatch"]), (60.0, ["fill"])])
def test_a_border_outside_the_bar_is_drawn_at_its_end(carried: float, kinds: list[str]) -> None:
    drawing = taught("Taught", Interval(carried, carried - 1, carried + 1), 55.0)
    assert [box.kind for box in drawing.boxes] == kinds


def test_a_split_of_nothing_has_no_bars_and_one_without_a_test_has_two() -> None:
    assert split("Empty", 0, 0, 0).boxes == ()
    assert [box.kind for box in split("No test", 8, 2, 0).boxes] == ["fill", "fill-hatch"]


def test_a_share_stays_within_its_bar() -> None:
    assert [share(part, whole) for part, whole in ((1, 4), (5, 4), (0, 4), (1, 0))] == ["25", "100", "0", "0"]


def test_small_multiples_share_one_scale_and_their_figures_never_meet() -> None:
    alike, apart = multiples(
        [Multiple("a", 20, 80, Interval(79, 75, 83)), Multiple("b", 20, 100, Interval(50, 10, 90), few=True)]
    )
    assert alike.dots[2].y == apart.dots[2].y
    seen, unseen = (float(label.y) for label in alike.labels)
    assert unseen - seen >= 12
    assert apart.strokes[-1].kind.endswith("line-dash")


def test_the_pipeline_has_one_scale_and_shows_that_a_stage_is_not_empty() -> None:
    columns = pipeline(
        [
            Stage("open", 1, "", "/a", waiting=True),
            Stage("approved", 500, "", "/b", target=2000),
            Stage("none", 0, "", "/c"),
        ]
    )
    assert [column.height for column in columns] == ["1", "24.8", "0"]
    assert (columns[1].target_height, columns[0].kind) == ("99", "fill-soft")


def test_a_drawing_is_written_down_with_its_words_escaped() -> None:
    source = '{% from "components/chart.html" import drawing %}{{ drawing(chart) }}'
    chart = lines('"><script>', [Series("a", [(0, 1), (1, 2)], said="<b>")])
    html = environment().from_string(source).render(chart=chart)
    assert "<script>" not in html
    assert "<b>" not in html
    assert html.count("<path") == len(chart.strokes)
