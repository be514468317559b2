"""A policy that follows a reward model (RLOO or GRPO), top to bottom. Reads a run's folder, writes that folder.

Of each prompt several responses are drawn; those that the reward model puts above their neighbours become likelier, at
a price, `beta`, for leaving the reference. What is sampled comes from torch's random state, which a checkpoint holds.
"""

import copy
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl.trainer.grpo_config import GRPOConfig
from trl.trainer.rloo_config import RLOOConfig

from app.training.worker.answers import answer_of
from app.training.worker.as_read import asked_ids, prompted
from app.training.worker.base import Base, load_base
from app.training.worker.callbacks import TellTheJournal
from app.training.worker.chat import ChatEncoder
from app.training.worker.events import Journal, read_events
from app.training.worker.on_ids import GRPOOnIds, RLOOOnIds
from app.training.worker.plan import Plan
from app.training.worker.policy_report import Ground, Walked, finish, judges_of, measured_before, now
from app.training.worker.prompts import Prompts, looked_at, read_prompts
from app.training.worker.report import Report
from app.training.worker.rows import Row
from app.training.worker.runaway import StopWhenItRunsAway, ran_away
from app.training.worker.running import (
    adapter_of,
    begin,
    call_back,
    curve_told,
    learn,
    require_not_stopped,
    settings_of,
    tell_left_out,
    tell_start,
    tell_tokens,
    teller,
    where_it_was,
)
from app.training.worker.scoring import Scorer
from app.training.worker.trackers import guarded

LIVE = {  # what a step tells, and what TRL calls it
    "reward": "reward",
    "kl": "kl",
    "response_tokens": "completions/mean_length",
    "entropy": "entropy",
    "clipped": "completions/clipped_ratio",
}
BY_METHOD = {"rloo": (RLOOConfig, RLOOOnIds), "grpo": (GRPOConfig, GRPOOnIds)}


def run(folder: Path, journal: Journal, models: Path | None = None, track: str | None = None) -> Report:
    """Carry the model through the second step as `plan.json` says; arguments, resuming and errors as `sft.run`."""
    begun = now()
    plan = begin(folder)
    base = load_base(plan, models, folder)
    base.model.generation_config.eos_token_id = base.encode.stop  # where a response ends
    data = read_prompts(folder, base.encode, plan)
    tell_left_out(journal, data.left_out)
    looked = looked_at(data.unseen, data.sft, plan)
    judges = judges_of(folder, plan, base)
    trainer = make_trainer(folder, plan, base, data, journal, track, judges.first)
    ground = Ground(folder, models, plan, base, looked, judges, teller(folder, journal, trainer))

    checkpoint = where_it_was(folder, journal)
    tell_start(journal, walked_by(plan, len(data.train)), base, trainer, data.files, data.left_out, checkpoint)
    tell_tokens(journal, prompted(data.train, base.encode), base, checkpoint)
    before = measured_before(ground, journal, trainer.model)

    def why_over(step: int) -> str:
        return ran_away(read_events(journal.path).events, plan, step)

    learn(trainer, plan, checkpoint, lambda step: bool(why_over(step)))
    require_not_stopped(folder, trainer)
    curve = curve_told(journal)
    stopped = why_over(curve[-1]["step"])
    walked = Walked(data.files, data.left_out, data.train, curve, None, stopped, begun)
    return finish(ground, journal, trainer.model, before, walked, None)


def make_trainer(
    folder: Path, plan: Plan, base: Base, data: Prompts, journal: Journal, track: str | None, judge: Scorer | None
) -> Any:
    """TRL's trainer around our prompts: numbers of rows, whose ids are ours; rewards come from `judge`."""
    config, kind = BY_METHOD[plan.method]
    order = order_of(len(data.train), plan)
    settings = config(
        **settings_of(folder, walked_by(plan, len(data.train)), base.use, track),
        shuffle_dataset=False,
        beta=plan.beta,
        num_generations=plan.generations,
        temperature=plan.temperature,
        top_k=0,
        top_p=1.0,
        max_completion_length=plan.max_new_tokens,
        disable_dropout=True,
    )
    trainer = kind(
        model=base.model,
        reward_funcs=rewarded(data.train, base.encode, judge),
        args=settings,
        train_dataset=Dataset.from_list([{"prompt": str(number)} for number in order]),
        processing_class=ending_as_responses(base),
        peft_config=adapter_of(plan, "CAUSAL_LM"),
    )
    trainer.asked = [asked_ids(row, base.encode) for row in data.train]
    tells = TellTheJournal(
        journal,
        lambda: None,
        every=0,
        live=LIVE,
        epochs=len(order) / len(data.train),
        trackers=guarded(trainer, journal),
    )
    call_back(trainer, folder, journal, tells, StopWhenItRunsAway(journal, plan))
    return trainer


def ending_as_responses(base: Base) -> Any:
    """The tokenizer for TRL, which ends what it samples at the tokenizer's own end, too: here only where a response
    ends, as in the report and where the model is used."""
    tokenizer = copy.deepcopy(base.tokenizer)
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(base.encode.stop)
    return tokenizer


def walked_by(plan: Plan, prompts: int) -> Plan:
    """The same walk as one epoch of the trainer's. It orders prompts anew for each of its own, and where a run goes on
    in a later one, it would begin with the first order again.
    """
    each = plan.batch_size // plan.generations
    steps = plan.max_steps or math.ceil(prompts * plan.epochs / each)
    return replace(
        plan, max_steps=steps, epochs=1.0, checkpoint_steps=plan.checkpoint_steps or math.ceil(prompts / each)
    )


def order_of(prompts: int, plan: Plan) -> list[int]:
    """Which prompt comes when, for all the steps: every epoch in an order of its own."""
    needed = walked_by(plan, prompts).max_steps * (plan.batch_size // plan.generations)
    chance = random.Random(plan.seed)
    order: list[int] = []
    while len(order) < needed:
        order += chance.sample(range(prompts), prompts)
    return order[:needed]


def rewarded(rows: Sequence[Row], encode: ChatEncoder, judge: Scorer | None) -> Callable[..., list[float]]:
    """The reward of each response of a step: read as text that ends as all responses end, also where it was cut."""

    def reward(prompts: Sequence[str], completion_ids: Sequence[Sequence[int]], **_: Any) -> list[float]:
        assert judge
        texts = [answer_of(list(ids), encode, [encode.stop]).text for ids in completion_ids]
        return judge([(rows[int(number)].prompt, text) for number, text in zip(prompts, texts, strict=True)])

    return reward
