"""QLoRA: the base model is held in 4 bits while an adapter learns, by bitsandbytes.

T. Dettmers et al., *QLoRA: Efficient Finetuning of Quantized LLMs*, 2023, arXiv 2305.14314: NormalFloat of 4 bits
(section 3), its constants quantised once more, and what is computed with is brought to the run's own numbers first.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from app.training.worker.failures import RunFailed
from app.training.worker.machine import Use
from app.training.worker.plan import Plan

LIBRARY = "bitsandbytes"


def require_library(plan: Plan) -> None:
    """RunFailed where a plan wants a base model in 4 bits and nothing here can hold one."""
    if plan.adapter == "qlora" and find_spec(LIBRARY) is None:
        raise RunFailed(
            "no_bitsandbytes",
            f"The adapter qlora takes the library {LIBRARY}, which is not installed here.",
            'Install it where runs are trained (pip install ".[qlora]" in Penset\'s folder), or choose lora.',
        )


def load_in_four_bits(folder: Path, dtype: torch.dtype, use: Use) -> Any:
    """The weights of `folder`, from safetensors alone; those of linear maps in 4 bits. It computes in `dtype`."""
    four_bits = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=dtype,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        quantization_config=four_bits,
        device_map={"": "cpu" if use.cpu else f"cuda:{os.environ.get('LOCAL_RANK', '0')}"},
    )
    keep_gradients(model)
    return model


def keep_gradients(model: Any) -> None:
    """Measured on a processor with AVX512, bitsandbytes 0.50 packs the weights anew, in a way through which no gradient
    passes, and leaves them so for the steps that follow."""
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def is_in_four_bits(model: Any) -> bool:
    """Whether a model, or the base below its adapter, lies in 4 bits."""
    return bool(getattr(model, "is_loaded_in_4bit", False))


def learn_in_float32(model: Any) -> None:
    """What learns, in float32, as in every run: TRL puts an adapter on 4 bits into bfloat16, where small steps are
    lost."""
    for weights in model.parameters():
        if weights.requires_grad:
            weights.data = weights.data.float()


def out_of_four_bits(model: PeftModel, dtype: torch.dtype) -> Any:
    """The very model that was trained, as an ordinary one: the base brought out of its 4 bits, its adapter merged in.

    On the processor, for a GPU that held the base in 4 bits has no room for more.
    """
    learned, adapter = get_peft_model_state_dict(model), model.peft_config["default"]
    base = model.unload().to("cpu").dequantize(dtype)
    again = get_peft_model(base, adapter)
    set_peft_model_state_dict(again, learned)
    return again.merge_and_unload()
