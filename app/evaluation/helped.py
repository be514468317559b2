"""Did a policy help, on prompts that no step was trained on? Its report, beside those of its siblings. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.charts import Drawing, Table
from app.core.figures import Change, before_after
from app.evaluation.answers import key_of
from app.evaluation.ranking import interval_of, percent
from app.evaluation.said import estimate, within
from app.training.methods import METHODS
from app.training.models import Run
from app.training.worker.estimate import Estimate
from app.training.worker.report import SEEN, Report
from app.training.worker.report_preferences import PolicyBy, PolicyNumbers
from app.training.worker.verdict import Verdict, verdict_of

BASE, REFERENCE, POLICY = "base", "reference", "policy"
ANOTHER = "by another model"
TITLES = {
    Verdict.UNMEASURED: "Whether it helped cannot be said: no reward model measured it.",
    Verdict.TOO_FEW: "There were too few prompts to say whether it helped.",
    Verdict.HELPED: "By the reward that measures it, it helped on prompts that no step was trained on.",
    Verdict.HELPED_BY_BOTH: "It helped by two reward models, on prompts that no step was trained on.",
    Verdict.HELPED_BY_FIRST: "By one reward model it helped; by a second one, no change can be told from chance.",
    Verdict.OVERRATED: "It did not help: the first reward rose, and a second one fell.",
    Verdict.NOT_SHOWN: "It is not shown that it helped: no change of the reward can be told from chance.",
    Verdict.HARMED: "It did not help: the reward fell on prompts that no step was trained on.",
    Verdict.DISPUTED: "By one reward model it did harm; by a second one it helped.",
}
DRAWN_BY = {"temperature": "drew its answers at temperature {}", "max_new_tokens": "cut its answers at {} tokens"}
OTHER_ROWS = "on other rows"
EARLIER = {BASE: "the base model", REFERENCE: "where it began"}


@dataclass(frozen=True)
class Column:
    """One model in the table. `by` None: it was not measured. Rewards of another reward model are not held against
    those of this run, nor are losses and recital of other rows."""

    name: str
    by: PolicyBy | None
    report: Report
    rewards: bool = True
    second_rewards: bool = True
    losses: bool = True
    recital: bool = True


@dataclass(frozen=True)
class HelpedRead:
    """What the page of a policy's report shows. `followed_too_far`: the first reward rose, and the second fell."""

    title: str
    followed_too_far: str
    stopped: str
    rewards: Drawing | None
    columns: Table | None
    change: Table | None
    apart: str


def read_helped(report: Report, run: Run, beside: Sequence[tuple[Run, Report]]) -> HelpedRead:
    """The whole page of one report. `beside`: runs that went on from the same model, with their reports."""
    policy = report["policy"]
    if policy is None:
        return HelpedRead(title_of(None), "", "", None, None, None, "")
    why = [(other, told, incomparable(told, report)) for other, told in beside]
    same = [(other, told) for other, told, reasons in why if not reasons]
    return HelpedRead(
        title=title_of(policy),
        followed_too_far=followed_too_far(policy),
        stopped=policy["stopped"],
        rewards=rewards_drawing(policy),
        columns=columns_table(columns_of(report, run, same), policy["prompts"]),
        change=change_table(policy),
        apart=apart_of([(other, reasons) for other, _, reasons in why if reasons]),
    )


def title_of(policy: PolicyNumbers | None) -> str:
    """Whether it helped, first of all. Never that it did while an interval touches zero or a second reward fell."""
    if policy is None:
        return "There was no prompt on which no step was trained, so nothing can be said of whether it helped."
    change = policy["change"]
    return TITLES[verdict_of(change["reward"], change["second_reward"])]


def followed_too_far(policy: PolicyNumbers) -> str:
    """What is said where the first reward rises and the second falls; else nothing."""
    first, second = policy["change"]["reward"], policy["change"]["second_reward"]
    if not first or not second or verdict_of(first, second) is not Verdict.OVERRATED:
        return ""
    return (
        f"The reward that it followed changed by {estimate(first)}, and that of a second model by {estimate(second)}. "
        "It found what the first one overrates (Gao et al., 2022). End it earlier, or let leaving the reference cost "
        "more."
    )


def asked_of(report: Report) -> set[tuple[str, ...]]:
    """The prompts that were answered without having been trained on, in all their words."""
    return {key_of(sample) for sample in report["samples"] if sample["split"] != SEEN}


def incomparable(one: Report, other: Report) -> list[str]:
    """Why the answers of one cannot be held against the other's: else what they are worth would differ by that alone.

    Each reason goes on from "it": "answered other prompts", "drew its answers at temperature 2".
    """
    reasons = [] if asked_of(one) == asked_of(other) else ["answered other prompts"]
    for key, words in DRAWN_BY.items():
        own = one["plan"].get(key)
        if own != other["plan"].get(key):
            reasons.append(words.format("unknown" if own is None else f"{own:g}"))
    return reasons


def rows_of(report: Report, side: str) -> set[str]:
    """The rows of one side whose losses were measured."""
    return {row["id"] for row in report["rows"] if row["split"] == side}


def recited_of(report: Report) -> set[str]:
    """The rows taught before, whose responses the model was asked for."""
    return {sample["id"] for sample in report["samples"] if sample["split"] == SEEN}


def columns_of(report: Report, run: Run, beside: Sequence[tuple[Run, Report]]) -> list[Column]:
    """The base model, where it began, this run and its siblings, whose rewards count where the same model gave them."""
    by = {row["by"]: row for row in (report["policy"] or {"rows": []})["rows"]}
    begun = f"{run.plan['begins_from']}, where it began" if run.plan.get("begins_from") else EARLIER[REFERENCE]
    columns = [Column(EARLIER[BASE], by.get(BASE), report), Column(begun, by.get(REFERENCE), report)]
    columns.append(Column(f"run {run.number}, {METHODS[run.method].label}", by.get(POLICY), report))
    for other, told in beside:
        rows = {row["by"]: row for row in (told["policy"] or {"rows": []})["rows"]}
        columns.append(
            Column(
                f"run {other.number}, {METHODS[other.method].label}",
                rows.get(POLICY),
                told,
                rewards=other.reward_run_id == run.reward_run_id,
                second_rewards=other.second_reward_run_id == run.second_reward_run_id,
                losses=rows_of(told, "test") == rows_of(report, "test"),
                recital=recited_of(told) == recited_of(report),
            )
        )
    return [one for one in columns if one.by]


def columns_table(columns: Sequence[Column], prompts: int) -> Table:
    """One column a model, one row a figure."""
    told = [(one, one.by) for one in columns if one.by]
    rows = (
        ("Reward", *(_plain(by["reward"]) if one.rewards else ANOTHER for one, by in told)),
        ("Second reward", *(_plain(by["second_reward"]) if one.second_rewards else ANOTHER for one, by in told)),
        ("KL to where it began, nats a token", *(_plain(by["kl"], 3) for _, by in told)),
        ("Tokens of an answer", *(_plain(by["tokens"], 0) for _, by in told)),
        ("Ends by itself", *(percent(by["ended"]) for _, by in told)),
        ("Recites what people wrote", *(recited(one, by) if one.recital else OTHER_ROWS for one, by in told)),
        ("Loss on people's responses", *(loss_of(one, by) if one.losses else OTHER_ROWS for one, by in told)),
    )
    shown = tuple(row for row in rows if set(row[1:]) != {"–"})
    caption = f"Answers to {prompts:,} prompts that no step was trained on"
    return Table(caption, ("95 %", *(one.name for one, _ in told)), shown)


def recited(column: Column, by: PolicyBy) -> str:
    """How much of what it was taught by SFT comes back word for word: of where the run began, and of what it left."""
    recital = column.report["recital"]
    if recital is None or by["by"] == BASE:
        return "–"
    return percent(recital["after" if by["by"] == POLICY else "before"])


def loss_of(column: Column, by: PolicyBy) -> str:
    """The loss on the SFT rows that it never saw, where those lay in the run's folder."""
    test = column.report["splits"].get("test")
    if test is None or by["by"] == BASE:
        return "–"
    if by["by"] == REFERENCE:
        return f"{test['loss_before']:.3f}"
    return f"{test['loss_after']:.3f}, changed by {estimate(test['change'])}"


def change_table(policy: PolicyNumbers) -> Table:
    """The policy less where it began, prompt by prompt."""
    change = policy["change"]
    rows = (
        ("Reward", estimate(change["reward"]) if change["reward"] else "–"),
        ("Second reward", estimate(change["second_reward"]) if change["second_reward"] else "–"),
        ("Tokens of an answer", estimate(change["tokens"])),
        ("Ends by itself", percent(change["ended"], "+")),
    )
    return Table("What changed", ("Prompt by prompt", "Change, 95 %"), rows)


def rewards_drawing(policy: PolicyNumbers) -> Drawing | None:
    """Both rewards, where it began and after; None where none was measured."""
    by = {row["by"]: row for row in policy["rows"]}
    pairs = [
        ("reward", by[REFERENCE]["reward"], by[POLICY]["reward"]),
        ("second reward", by[REFERENCE]["second_reward"], by[POLICY]["second_reward"]),
    ]
    changes = [Change(name, interval_of(old), interval_of(new)) for name, old, new in pairs if old and new]
    if not changes:
        return None
    words = ", ".join(f"{one.name} from {one.before.value:.2f} to {one.after.value:.2f}" for one in changes)
    return before_after(f"Answers to prompts that no step was trained on: {words}", changes, places=2)


def apart_of(others: Sequence[tuple[Run, Sequence[str]]]) -> str:
    """Which siblings do not stand beside it, each with why not."""
    if not others:
        return ""
    told = "; ".join(f"run {run.number}, which {' and '.join(reasons)}" for run, reasons in others)
    return f"Not beside it: {told}."


def _plain(value: Estimate | None, places: int = 2) -> str:
    return within(value, places) if value else "–"
