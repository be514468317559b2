"""Has a policy run away from its reference? Decided by what the steps told, so a run that goes on decides alike."""

from collections.abc import Iterable, Sequence
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from app.training.worker.events import Event, EventKind, Journal, read_events
from app.training.worker.plan import Plan

WINDOW = 5  # steps: the mean over so many, for one step's few responses say little


def ran_away(events: Iterable[Event], plan: Plan, until: int) -> str:
    """Why the run is to end at step `until`, in a sentence; empty where it is not."""
    steps = {event["step"]: event for event in events if event["kind"] == EventKind.STEP and event["step"] <= until}
    told = [steps[step] for step in sorted(steps)]
    if len(told) < WINDOW:
        return ""
    kl = _mean([step["kl"] for step in told[-WINDOW:]])
    first, now = (_mean([step["response_tokens"] for step in part]) for part in (told[:WINDOW], told[-WINDOW:]))
    if plan.max_kl and kl > plan.max_kl:
        return (
            f"The run ended at step {until}: the policy had left its reference by {kl:.2f} nats a token, more than "
            f"max_kl, {plan.max_kl:g}. Raise beta or lower learning_rate to keep it nearer."
        )
    if plan.max_growth and now > plan.max_growth * first:
        return (
            f"The run ended at step {until}: responses had grown from {first:.0f} to {now:.0f} tokens, more than "
            f"max_growth, {plan.max_growth:g} times. Look whether the reward model prefers what is long."
        )
    return ""


class StopWhenItRunsAway(TrainerCallback):  # type: ignore[misc]
    """Ends the loop, with a checkpoint and a warning. After the callback that tells the journal each step."""

    def __init__(self, journal: Journal, plan: Plan) -> None:
        """`journal` is told why."""
        self.journal, self.plan = journal, plan

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **said: Any) -> None:
        """Look once a step."""
        if "loss" not in said["logs"]:
            return
        if why := ran_away(read_events(self.journal.path).events, self.plan, state.global_step):
            self.journal.write(EventKind.WARNING, message=why)
            control.should_save = control.should_training_stop = True


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
