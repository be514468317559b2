"""What would a rule take of the pairs that are judged now? Counted, condition by condition."""

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.models import PromptSplit, Split
from app.datasets.rule.preview import Preview, estimate
from app.datasets.rule.selection import Step
from app.preferences.versions.deciding import Judged, decide, refuses
from app.preferences.versions.reading import judged_pairs, read
from app.preferences.versions.rule import NEVER, PreferenceRule, asked

FEW = 50  # pairs to train on, below which a model can hardly learn what people prefer, nor a test tell whether it did


def preview(session: Session, project_id: int, rule: PreferenceRule, *, seconds: int) -> Preview:
    """Put every judged pair of the project through the rule and count."""
    split_of = dict(
        session.execute(
            select(PromptSplit.prompt_id, PromptSplit.split).where(PromptSplit.project_id == project_id)
        ).all()
    )
    total, out, alone = 0, Counter[str](), Counter[str]()
    categories, settled = Counter[str](), Counter[Split]()
    for pair, row in read(session, judged_pairs(project_id, seconds=seconds, people=rule.people)):
        total += 1
        refusing = refusals(pair, rule)
        alone.update(refusing)
        if first := next((name for name in steps_of(rule) if name in refusing), None):
            out[first] += 1
            continue
        categories[row["category"]] += 1
        if row["prompt_id"] in split_of:
            settled[split_of[row["prompt_id"]]] += 1
    rows = total - out.total()
    told = list(_steps(steps_of(rule), total, out, alone))
    return Preview(total, rows, told, dict(sorted(categories.items())), {}, estimate(rows, settled))


def refusals(pair: Judged, rule: PreferenceRule) -> set[str]:
    """Every condition that leaves the pair out; of what no rule takes the first alone."""
    decided = decide(pair)
    if isinstance(decided, str):
        return {decided}
    return {name for name, out in refuses(rule, pair, decided).items() if out}


def steps_of(rule: PreferenceRule) -> Mapping[str, str]:
    """The conditions in their order, in words: those of every rule and those of this one. Whose opinions are read is
    none: what others judged alone is not met at all."""
    return {**NEVER, **{name: words for name, words in asked(rule).items() if name != "people"}}


def _steps(phrases: Mapping[str, str], total: int, out: Counter[str], alone: Counter[str]) -> Iterator[Step]:
    for name, phrase in phrases.items():
        total -= out[name]
        yield Step(name, phrase, out[name], alone[name], total)


def too_few(training: int) -> str:
    """What is to be said of a version with so few pairs to train on; nothing of one with more."""
    if training >= FEW:
        return ""
    many = "no pair" if not training else "1 pair" if training == 1 else f"{training} pairs"
    return f"Too few to say anything: {many} to train on; below {FEW} a model's figures are chance. Have more compared."
