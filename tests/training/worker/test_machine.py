"""What a plan leaves open is chosen by what the machine has; what it says holds on every machine."""

from app.training.worker.machine import Found, Use, said, use_of
from app.training.worker.plan import Plan

GPU = Found(gpu="NVIDIA X", memory=24 << 30, bf16=True)
OPEN = Plan(base_model="tiny")
BILLION = 1_000_000_000


def test_without_a_gpu_a_run_computes_in_float32_on_the_processor() -> None:
    assert use_of(OPEN, Found(), BILLION) == Use(cpu=True, bf16=False, save_memory=False)


def test_a_gpu_is_used_in_bfloat16_where_it_has_it() -> None:
    assert use_of(OPEN, GPU, 1000) == Use(cpu=False, bf16=True, save_memory=False)
    assert not use_of(OPEN, Found(gpu="NVIDIA old", memory=8 << 30), 1000).bf16


def test_memory_is_saved_where_the_optimiser_of_all_weights_fills_half_of_it() -> None:
    assert use_of(OPEN, GPU, BILLION).save_memory  # 16 of 24 GB
    assert not use_of(OPEN, GPU, BILLION // 2).save_memory
    assert not use_of(Plan(base_model="tiny", adapter="lora"), GPU, BILLION).save_memory


def test_what_the_plan_says_holds_on_every_machine() -> None:
    told = Plan(base_model="tiny", cpu=True, bf16=False, save_memory=True)
    for machine in (Found(), GPU):
        assert use_of(told, machine, 1000) == Use(cpu=True, bf16=False, save_memory=True)


def test_a_person_reads_what_was_chosen() -> None:
    assert said(use_of(OPEN, Found(), 1), Found(), "sdpa") == "CPU, float32, attention by sdpa"
    use = use_of(OPEN, GPU, BILLION)
    assert said(use, GPU, "sdpa") == "NVIDIA X, bfloat16, attention by sdpa, gradient checkpointing"
