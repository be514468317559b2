"""What the demo plays with: human-written rows, and what becomes of each. The same on every machine."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
CATEGORIES = {
    "open_qa": "Open question",
    "closed_qa": "Question on a text",
    "explanation": "Explain",
    "creative_writing": "Create",
    "brainstorming": "Brainstorm",
    "classification": "Classify",
    "advice": "Advise",
    "maths": "Calculate",
    "rewriting": "Rewrite",
    "coding": "Code",
    "information_extraction": "Extract",
    "planning": "Plan",
    "small_talk": "Small talk",
    "summarization": "Summarise",
    "roleplay": "Play a role",
}
SHORT_ANSWERS_REJECTED = 6
REVISED, WAITING, SENT_BACK, PAIRS = 14, 16, 8, 12


class Fate(StrEnum):
    """What the demo's people do with a row."""

    APPROVED = "approved at once"
    REVISED = "sent back, finished, approved"
    REJECTED = "rejected"
    WAITING = "left waiting for a reviewer"
    SENT_BACK = "sent back, left with its writer"


@dataclass(frozen=True)
class Row:
    """A prompt with the response that a person once wrote to it; `turns` is empty where there is none."""

    id: str
    prompt: list[dict[str, Any]]
    turns: list[dict[str, Any]]
    category: str
    language: str
    source: str
    licence: str
    fate: Fate = Fate.APPROVED
    as_pair: bool = False


def load(name: str) -> list[dict[str, Any]]:
    """The rows of one file."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").split("\n") if line]


def answered() -> list[Row]:
    """Every row that has a response, single and multi-turn, in an order that its ids decide."""
    rows = [as_row(r, asked(r["prompt"]), [said(r["response"])]) for r in load("sft.jsonl")]
    rows += [as_row(r, r["messages"][:1], r["messages"][1:]) for r in load("conversations.jsonl")]
    rows.sort(key=lambda row: hashlib.sha256(row.id.encode()).digest())
    return with_fates(rows)


def unanswered() -> list[Row]:
    """Prompts for a visitor to answer or decide on."""
    return [as_row(r, asked(r["prompt"]), []) for r in load("prompts.jsonl")]


def as_row(raw: dict[str, Any], prompt: list[dict[str, Any]], turns: list[dict[str, Any]]) -> Row:
    """One row of a file in the form of the demo."""
    return Row(
        id=raw["id"],
        prompt=prompt,
        turns=turns,
        category=CATEGORIES[raw["category"]],
        language=raw["language"],
        source=raw["source"],
        licence=raw["licence"],
    )


def asked(content: str) -> list[dict[str, Any]]:
    """A prompt of one user turn."""
    return [{"role": "user", "content": content}]


def said(content: str) -> dict[str, Any]:
    """An assistant turn."""
    return {"role": "assistant", "content": content}


def with_fates(rows: Sequence[Row]) -> list[Row]:
    """Decide what becomes of each: the shortest answers are rejected, some longer ones go back and forth."""
    by_length = sorted(rows, key=lambda row: (len(row.turns[0]["content"]), row.id))
    rejected = {row.id for row in by_length[:SHORT_ANSWERS_REJECTED]}
    long_enough = [row.id for row in rows if len(row.turns) == 1 and len(row.turns[0]["content"]) > 200]
    revised = set(long_enough[:REVISED])
    sent_back = set(long_enough[REVISED : REVISED + SENT_BACK])
    others = [row.id for row in rows if row.id not in rejected | revised | sent_back]
    waiting, pairs = set(others[:WAITING]), set(others[WAITING : WAITING + PAIRS])
    fates = {
        **dict.fromkeys(rejected, Fate.REJECTED),
        **dict.fromkeys(revised, Fate.REVISED),
        **dict.fromkeys(sent_back, Fate.SENT_BACK),
        **dict.fromkeys(waiting, Fate.WAITING),
    }
    return [replace(row, fate=fates.get(row.id, Fate.APPROVED), as_pair=row.id in pairs) for row in rows]


def first_half(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The response as its writer handed it in too early: broken off at a space near the middle."""
    whole = turns[0]["content"]
    middle = whole.rfind(" ", 0, len(whole) // 2)
    return [said(whole[:middle])]
