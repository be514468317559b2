"""Makes app/core/gram_weights.txt: how common each piece of three letters is in the demo's human-written texts.

Run: .venv/bin/python scripts/gram_weights.py

A new table changes what counts as alike: run `penset fingerprints` after it, and measure again (decision 0004).
"""

import math
from collections import Counter
from pathlib import Path

from app.core.near import RAREST, grams
from app.demo.texts import load

TABLE = Path(__file__).parents[1] / "app" / "core" / "gram_weights.txt"


def weights() -> dict[str, int]:
    """The weight of each piece that is lighter than the rarest: the binary logarithm of how few texts hold it."""
    rows = [row for name in ("sft.jsonl", "prompts.jsonl") for row in load(name)]
    texts = [str(text) for row in rows for text in (row["prompt"], row.get("response")) if text]
    held = Counter(gram for text in texts for gram in grams(text))
    weighed = {gram: max(1, round(math.log2(len(texts) / count))) for gram, count in held.items()}
    return {gram: weight for gram, weight in weighed.items() if weight < RAREST}


def main() -> None:
    """Write the table: a line for each weight, then its pieces, `_` for the edge of a word."""
    found = weights()
    lines = []
    for weight in sorted(set(found.values())):
        pieces = sorted(gram.replace(" ", "_") for gram, has in found.items() if has == weight)
        lines.append(" ".join([str(weight), *pieces]))
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
