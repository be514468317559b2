"""What is measured once, before a run learns: a run that goes on finds it in its folder, number for number."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Numbers = dict[str, list[float]]
Kept = dict[str, Any]  # what JSON can hold


def measured_once(path: Path, measure: Callable[[], Kept]) -> Kept:
    """What this file holds; where it is not there yet, what `measure` finds, kept whole or not at all."""
    if not path.exists():
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(measure(), ensure_ascii=False), "utf-8")
        part.replace(path)
    found: Kept = json.loads(path.read_text("utf-8"))
    return found
