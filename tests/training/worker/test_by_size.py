"""The curve over dataset size, of all prompts never seen and of each category apart."""

import pytest

from app.training.worker.by_size import Losses, curves
from app.training.worker.chat import Encoded
from app.training.worker.kinds import by_kind
from app.training.worker.rows import Row, Rows

pytestmark = pytest.mark.training
TOKENS = 4
LOSS = {"Plan": (4.0, 3.5, 3.25), "Sum": (2.0, 2.0, 2.0), "Rare": (9.0, 8.0, 7.0)}  # nats a token at three sizes
MEASURED = {"Plan": 8, "Sum": 8, "Rare": 4}  # prompts; of fewer than five nothing is told


def unseen() -> list[Row]:
    """Prompts never seen, those of the categories in turn."""
    kinds = [kind for turn in range(8) for kind, count in MEASURED.items() if turn < count]
    encoded = Encoded(list(range(TOKENS)), list(range(TOKENS)))
    return [Row("test", f"s-{n}", f"p-{n}", kind, [], encoded) for n, kind in enumerate(kinds)]


def test_a_category_has_a_curve_of_its_own_where_enough_of_its_prompts_were_measured() -> None:
    rows = unseen()
    losses: Losses = {
        size: [[LOSS[row.category][at] * TOKENS + 0.01 * seed for row in rows] for seed in range(3)]
        for at, size in enumerate((25, 50, 100))
    }
    found = curves(losses, rows, chosen=True)
    assert found
    assert found.whole["prompts"] == 20
    assert found.kinds.keys() == {"Plan", "Sum"}
    assert [one["loss"]["value"] for one in found.kinds["Plan"]["sizes"]] == pytest.approx([4, 3.5, 3.25], abs=0.01)
    assert found.kinds["Plan"]["next"]["value"] == pytest.approx(-0.125, abs=0.01), "half of what the last one took"
    assert found.kinds["Sum"]["next"]["value"] == pytest.approx(0, abs=0.01)
    trained = [Row("train", "s", "p", kind, [], rows[0].encoded) for kind in ("Plan", "Rare")]
    told = {one["category"]: one for one in by_kind(Rows(trained, [], rows, {}, {}, []), {}, grown=found.kinds)}
    assert told["Plan"]["growth"]["rows"] == [25, 50, 100]
    assert told["Plan"]["growth"]["next"] == found.kinds["Plan"]["next"]
    assert "growth" not in told["Rare"]
