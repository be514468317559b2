"""Who said what to the same prompts: the models that a run's report quotes, the previous run, and a person? Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.datasets.models import DatasetKind
from app.training.models import Run
from app.training.worker.report import SEEN, NearDuplicate, Report, Sample

LONGEST_QUERY = 200


@dataclass(frozen=True)
class Previous:
    """The run before this one on the same dataset, and its report."""

    run_id: int
    number: int
    report: Report


@dataclass(frozen=True)
class Said:
    """What one of them said. `by`: base, reference, previous, this or human; `run_id`: whose model it was.

    `text` is None where it was not asked this. `ended`: whether it stopped by itself; None where that was not kept.
    """

    by: str
    label: str
    text: str | None
    ended: bool | None = None
    run_id: int | None = None
    reward: float | None = None
    second_reward: float | None = None


@dataclass(frozen=True)
class SideBySide:
    """One prompt with all that was said to it. `seen`: who learned from it; `temperature` of the answers, 0: greedy."""

    sample: Sample
    seen: str
    temperature: float
    said: Sequence[Said]

    def by(self, name: str) -> Said | None:
        """What this one said; None where there is no such one, or it was not asked this."""
        return next((one for one in self.said if one.by == name and one.text is not None), None)

    def holds(self, words: Sequence[str]) -> bool:
        """Whether each word stands somewhere in it, whatever its case."""
        asked = [turn["content"] for turn in self.sample["messages"]]
        told = [one.text for one in self.said if one.text is not None]
        text = "\n".join((*asked, self.sample["id"], self.sample["category"], *told)).casefold()
        return all(word in text for word in words)


class Answers(NamedTuple):
    """All that a finished run answered, but what is still judged blindly; `withheld` says so."""

    run: Run
    report: Report
    previous: Previous | None
    rows: Sequence[SideBySide]
    withheld: str


def side_by_side(run: Run, report: Report, previous: Previous | None) -> list[SideBySide]:
    """Every prompt that the run answered, those that it never saw first, as the worker ordered them."""
    asked_before = {key_of(one): one for one in previous.report["samples"]} if previous else {}
    rows = []
    for sample in report["samples"]:
        said = [*said_before(run, sample)]
        if previous:
            said.append(said_by_previous(previous, asked_before.get(key_of(sample))))
        said.append(_of_sample("this", "This run", sample, "after", run.id))
        said.append(_of_sample("human", people_of(run, sample), sample, "human"))
        seen = seen_by(run, sample, report["contaminated"])
        rows.append(SideBySide(sample, seen, temperature_of(run, sample), said))
    return rows


def said_before(run: Run, sample: Sample) -> list[Said]:
    """The base model, and the run that a policy went on from, its reference; where they are one, that alone."""
    if run.reference_run_id is None:
        label = "Base model" if run.method == "sft" else "Base model, where it began"
        return [_of_sample("base", label, sample, "before")]
    base = None if sample["split"] == SEEN else sample["base"]  # of rows taught before only the two others are asked
    begun = f"{run.plan.get('begins_from') or 'the run'}, where it began".capitalize()
    return [
        Said("base", "Base model", base),
        _of_sample("reference", begun, sample, "before", run.reference_run_id),
    ]


def said_by_previous(previous: Previous, sample: Sample | None) -> Said:
    """What the run before this one said at its end."""
    label = f"Run {previous.number}"
    if sample is None:
        return Said("previous", label, None, run_id=previous.run_id)
    return Said("previous", label, sample["after"], sample["after_ended"], previous.run_id)


def people_of(run: Run, sample: Sample) -> str:
    """Where the human response comes from: pairs hold the one that people chose, whoever wrote it."""
    pairs = run.version.dataset.kind is DatasetKind.PREFERENCES and not _taught_before(run, sample)
    return "Chosen by people" if pairs else "Written by a person"


def seen_by(run: Run, sample: Sample, contaminated: Sequence[NearDuplicate]) -> str:
    """Who has learned from the prompt, or from one that asks nearly the same."""
    if sample["split"] != SEEN:
        alike = any((one["split"], one["id"]) == (sample["split"], sample["id"]) for one in contaminated)
        return "asks what a training row asks" if alike else "never seen"
    return "seen by the fine-tuning before it, answered greedily" if _taught_before(run, sample) else "seen in training"


def how_answered(run: Run, report: Report) -> str:
    """How the answers came about, in a sentence."""
    cut = f"cut at {report['plan'].get('max_new_tokens', 64)} tokens"
    if run.method == "sft":
        return f"The same prompts in every run; answers are greedy, and {cut}."
    drawn = f"Answers are drawn by chance at temperature {run.plan.get('temperature', 1.0):g}"
    return f"The same prompts were put to each. {drawn}, one to a prompt, and {cut}."


def answered_otherwise(run: Run, report: Report, previous: Previous | None) -> str:
    """What is to be known of the previous run's answers where they did not come about as this one's; else nothing."""
    if previous is None:
        return ""
    of_this, of_that = (
        (0.0 if run.method == "sft" else plan.get("temperature", 1.0), plan.get("max_new_tokens", 64))
        for plan in (report["plan"], previous.report["plan"])
    )
    if of_this == of_that:
        return ""
    drawn = f"drawn at temperature {of_that[0]:g} and " if of_that[0] != of_this[0] else ""
    return f" Those of run {previous.number} were {drawn}cut at {of_that[1]} tokens."


def temperature_of(run: Run, sample: Sample) -> float:
    """At which temperature the answers were drawn: a policy's are, but to rows of the fine-tuning; 0 for greedy."""
    greedy = run.method == "sft" or _taught_before(run, sample)
    return 0 if greedy else float(run.plan.get("temperature", 1.0))


def key_of(sample: Sample) -> tuple[str, ...]:
    """What makes two prompts the same: their id and every word of them."""
    return (sample["prompt_id"], *(f"{turn['role']}:{turn['content']}" for turn in sample["messages"]))


def found(rows: Sequence[SideBySide], q: str) -> list[SideBySide]:
    """Those that hold every word that is asked for; all where none is."""
    words = q.casefold().split()
    return [row for row in rows if row.holds(words)]


def as_row(row: SideBySide) -> Mapping[str, Any]:
    """One prompt as a program reads it. Who is not there, or was not asked this, is null."""
    sample = row.sample
    return {
        "id": sample["id"],
        "prompt_id": sample["prompt_id"],
        "split": sample["split"],
        "category": sample["category"],
        "temperature": row.temperature,
        "messages": sample["messages"],
        "human": sample["human"],
        "base": _as_answer(row.by("base")),
        "reference": _as_answer(row.by("reference"), whose=True),
        "previous": _as_answer(row.by("previous"), whose=True),
        "this": _as_answer(row.by("this")),
        "judged": sample["judged"],
    }


def _taught_before(run: Run, sample: Sample) -> bool:
    """Whether it is a row of the fine-tuning before a policy: those of its own are all unseen."""
    return run.method != "sft" and sample["split"] == SEEN


def _of_sample(by: str, label: str, sample: Sample, key: str, run_id: int | None = None) -> Said:
    texts: Mapping[str, Any] = sample
    return Said(
        by,
        label,
        texts[key],
        texts.get(f"{key}_ended"),
        run_id,
        sample["rewards"].get(key),
        sample["second_rewards"].get(key),
    )


def _as_answer(said: Said | None, *, whose: bool = False) -> Mapping[str, Any] | None:
    if said is None:
        return None
    return {**({"run_id": said.run_id} if whose else {}), "text": said.text, "ended": said.ended}
