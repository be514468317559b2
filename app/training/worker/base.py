"""The model that a run begins from, loaded with its tokenizer and Penset's chat template. No network."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from app.training import base_models
from app.training.worker.base_folder import check_folder, weights_sha256
from app.training.worker.chat import ChatEncoder
from app.training.worker.failures import OUT_OF_MEMORY, SMALLER_MODEL, RunFailed, is_out_of_memory
from app.training.worker.four_bits import load_in_four_bits, require_library
from app.training.worker.machine import Use, look, said, use_of, weights_in
from app.training.worker.plan import Plan
from app.training.worker.reach import require_reach
from app.training.worker.report import BaseModelFacts
from app.training.worker.templates import read_template

BEGINS_IN = "base"  # of a run's folder: the model of the run that it begins from
WHOLE_AGAIN = (
    "Bring its folder anew, with all its files whole. If they are whole, the libraries here do not know its kind: "
    "choose another base model."
)
Load = Callable[[Path, torch.dtype], Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Base:
    """A base model, ready, and how the run uses the machine; `stored` is what its folder holds.

    Weights that learn are in float32, for steps that are small against them are lost in bfloat16; those under an
    adapter are in bfloat16 where the run computes in it.
    """

    model: Any
    folder: Path
    stored: torch.dtype
    tokenizer: Any
    encode: ChatEncoder
    facts: BaseModelFacts
    use: Use
    machine: str  # the same in words


def load_base(plan: Plan, models: Path | None = None, run: Path | None = None, load: Load | None = None) -> Base:
    """The model that a run begins from: the plan's base model, or that of another run, which lies in `base/`.

    `models`: the folder of base models, where it is not the plan's. `run`: the run's folder. `load`: how the weights
    are loaded, where not as those of a model that speaks. RunFailed where it is not on the list, unsafe, or unfit for
    its chat template.
    """
    require_library(plan)
    folder = _begins_in(plan, models, run)
    encode = encoder_in(folder, plan)
    found = look()
    use = use_of(plan, found, weights_in(folder))
    dtype = torch.bfloat16 if use.bf16 and plan.adapter != "full" else torch.float32
    model = with_room(load or loader(plan, use), folder, dtype)
    require_reach(model, plan.max_length)
    machine = said(use, found, model.config._attn_implementation, plan.adapter)  # noqa: SLF001 - no public name
    facts = _facts(base_models.facts(plan.base_model), plan.begins_from, model, folder)
    return Base(model, folder, stored_dtype(folder), encode.tokenizer, encode, facts, use, machine)


def load_encoder(plan: Plan, models: Path | None, run: Path) -> ChatEncoder:
    """What reads texts for that model, without its weights; errors as those of `load_base`."""
    return encoder_in(_begins_in(plan, models, run), plan)


def encoder_in(folder: Path, plan: Plan) -> ChatEncoder:
    """What reads texts for the model in a folder, which is safe and fits its chat template, or RunFailed."""
    check_folder(folder)
    known = base_models.facts(plan.base_model)
    tokenizer = understood(lambda: load_tokenizer(folder, known.chat_template))
    encode = ChatEncoder(tokenizer, known.stop_token or own_end(tokenizer))
    _require_template_fits(encode)
    return encode


def facts_of_first(base: Base, plan: Plan, models: Path | None) -> BaseModelFacts:
    """Of the base model itself, also where the run goes on from what another made of it."""
    if not plan.begins_from:
        return base.facts
    return _facts(base_models.facts(plan.base_model), "", base.model, listed(plan, models))


@contextmanager
def first_model(base: Base, plan: Plan, models: Path | None) -> Iterator[Any]:
    """The base model itself, for as long as it is measured."""
    folder = listed(plan, models)
    check_folder(folder)
    yield with_room(load_model, folder, base.model.dtype).to(base.model.device)


def with_room(load: Load, folder: Path, dtype: torch.dtype) -> Any:
    """What `load` makes of a folder. RunFailed where memory does not do for it, with what helps there."""
    try:
        return understood(lambda: load(folder, dtype))
    except Exception as problem:
        if not is_out_of_memory(problem):
            raise
        raise RunFailed(OUT_OF_MEMORY, "There was not enough memory to load the model.", SMALLER_MODEL) from problem


def understood(load: Callable[[], T]) -> T:
    """What was loaded of a model's folder. RunFailed where the libraries make nothing of it: torn, or of a kind that
    they do not know; what the machine lacks is told as it is."""
    try:
        return load()
    except Exception as problem:
        if isinstance(problem, ImportError | RunFailed) or getattr(problem, "errno", None) or of_the_device(problem):
            raise
        if is_out_of_memory(problem):
            raise
        said = str(problem).strip().partition("\n")[0]
        raise RunFailed(
            "unfit_model", f"The model cannot be loaded: {type(problem).__name__}: {said}", WHOLE_AGAIN
        ) from problem


def of_the_device(problem: Exception) -> bool:
    """Whether it is the GPU or its driver that failed, not what was loaded onto it."""
    return isinstance(problem, RuntimeError) and bool(re.search(r"\b(CUDA|NVIDIA|HIP)\b", str(problem)))


def own_end(tokenizer: Any) -> str:
    """The token that ends a text, by the tokenizer's own word."""
    if tokenizer.eos_token:
        return str(tokenizer.eos_token)
    raise RunFailed(
        "unfit_tokenizer",
        "This model's tokenizer names no token that ends a text, and without one no model learns to stop.",
        "Name it as eos_token in its tokenizer_config.json, or choose another base model.",
    )


def listed(plan: Plan, models: Path | None) -> Path:
    """The folder of the plan's base model."""
    try:
        return base_models.resolve(plan.base_model, models or Path(plan.models_root or "/nonexistent"))
    except base_models.UnknownBaseModel as problem:
        raise RunFailed("unknown_model", str(problem), "Choose a model of the list.") from problem


def load_tokenizer(folder: Path, chat_template: str) -> Any:
    """The tokenizer of `folder` under our own chat template; the folder's, which is a program, is not used (S85)."""
    tokenizer = bare_tokenizer(folder)
    tokenizer.chat_template = read_template(chat_template)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def bare_tokenizer(folder: Path) -> Any:
    """The tokenizer of `folder`, for what no chat template is needed for."""
    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def loader(plan: Plan, use: Use) -> Load:
    """How the weights of a model that speaks are loaded for a run."""
    return partial(load_in_four_bits, use=use) if plan.adapter == "qlora" else load_model


def load_model(folder: Path, dtype: torch.dtype) -> Any:
    """The weights of `folder`, from safetensors alone."""
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, local_files_only=True, trust_remote_code=False, use_safetensors=True
    )


def load_scorer(folder: Path, dtype: torch.dtype) -> Any:
    """The same with a head of one number, a response's reward: new where the folder holds none."""
    return AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=dtype, local_files_only=True, trust_remote_code=False, use_safetensors=True, num_labels=1
    )


def stored_dtype(folder: Path) -> torch.dtype:
    """How the weights of `folder` are stored: bfloat16, or float32 for all else."""
    with safe_open(min(folder.glob("*.safetensors")), "pt") as file:
        kind = file.get_slice(next(iter(file.keys()))).get_dtype()
    return torch.bfloat16 if kind == "BF16" else torch.float32


def _require_template_fits(encode: ChatEncoder) -> None:
    """On plain text the encoder and `apply_chat_template` must agree, or this tokenizer is not understood."""
    plain = [{"role": "user", "content": "How are you?"}, {"role": "assistant", "content": "Fine, thank you."}]
    expected = encode.tokenizer.apply_chat_template(plain, tokenize=True, return_dict=False)
    if encode(plain).input_ids != list(expected):
        raise RunFailed(
            "unfit_tokenizer",
            "This model's tokenizer reads the chat template in a way that Penset does not understand.",
            "Choose another base model.",
        )


def _begins_in(plan: Plan, models: Path | None, run: Path | None) -> Path:
    if not plan.begins_from or run is None:
        return listed(plan, models)
    folder = run / BEGINS_IN
    if not folder.is_dir():
        raise RunFailed(
            "no_model",
            f"The run begins from the model of {plan.begins_from}, and there is no {BEGINS_IN}/ in its folder.",
            f"Lay that model there, as {BEGINS_IN}/, or start the run again.",
        )
    return folder


def _facts(known: base_models.BaseModel, begins_from: str, model: Any, folder: Path) -> BaseModelFacts:
    tuned = f"It is {known.label} as {begins_from} left it: it was taught before this run began."
    return {
        "name": known.name,
        "label": f"{known.label}, after {begins_from}" if begins_from else known.label,
        "licence": known.licence,
        "source": known.source,
        "pretrained_only": known.pretrained_only and not begins_from,
        "knows_nothing": known.knows_nothing,
        "sentence": tuned if begins_from else known.sentence,
        "parameters": model.num_parameters(),
        "weights_sha256": weights_sha256(folder),
    }
