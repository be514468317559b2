"""What can be said of one answer without a second model? Each rule is written out here and in docs/report.md. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from app.training.worker.chrf import chrf
from app.training.worker.formats import asked_in, follows
from app.training.worker.overlap import longest_shared
from app.training.worker.report import Judged
from app.training.worker.rows import Row

SHORTEST_PROMPT = 10  # characters: a shorter one stands in many an answer by chance
MOST = 0.75  # of the prompt, in one piece: people, too, take up a few words of the question


class Lengths(NamedTuple):
    """How long responses of people are, in tokens: the 5th and the 95th percentile, nearest rank."""

    low: int
    high: int

    def holds(self, length: int) -> bool:
        """Whether a length is an ordinary one."""
        return self.low <= length <= self.high


def usual_lengths(rows: Sequence[Row]) -> Lengths:
    """The lengths of nine responses in ten."""
    ordered = sorted(len(row.spoken) for row in rows)
    last = len(ordered) - 1
    return Lengths(ordered[last * 5 // 100], ordered[-(-last * 95 // 100)])


def judge(row: Row, text: str, tokens: Sequence[int], *, ended: bool, usual: Lengths) -> Judged:
    """One answer to the prompt of one row; a person's response is judged by the same rules."""
    question = next((turn["content"] for turn in reversed(row.prompt) if turn["role"] == "user"), "")
    shared = longest_shared(tokens, row.spoken)
    return {
        "tokens": len(tokens),
        "ended": ended,
        "usual_length": ended and usual.holds(len(tokens)),
        "repeats_prompt": repeats(question, text),
        "follows_format": follows(asked_in(question), text),
        "chrf": round(chrf(text, row.response), 2),
        "verbatim_tokens": shared.length,
    }


def repeats(question: str, text: str) -> bool | None:
    """Whether three quarters of the prompt stand in the answer in one piece; None for a prompt too short to tell."""
    asked, said = (" ".join(one.split()) for one in (question, text))
    if len(asked) < SHORTEST_PROMPT:
        return None
    return longest_shared(said, asked).length >= MOST * len(asked)
