"""What was a run asked to do? Its plan as names and values for people."""

from app.training.worker.plan import Plan

Settings = dict[str, str]
NUMBERS = {None: "as the machine computes best", True: "bfloat16", False: "float32"}
SAVES = {None: "where the machine is small", True: "yes", False: "no"}


def settings_said(plan: Plan) -> Settings:
    """The settings that change what is learned, in the order in which people ask for them."""
    lora = plan.adapter == "lora"
    return {
        "Base model": plan.base_model,
        "What learns": f"LoRA, rank {plan.lora_rank}, alpha {plan.lora_alpha}" if lora else "all weights",
        "Learning rate": f"{plan.learning_rate:g}",
        "Epochs": f"{plan.epochs:g}",
        "Steps at most": f"{plan.max_steps:,}" if plan.max_steps else "as many as the epochs take",
        "Rows a step": f"{plan.batch_size:,}",
        "Rows at most": f"{plan.train_rows:,}" if plan.train_rows else "all",
        "Longest row": f"{plan.max_length:,} tokens",
        "Packing": "short rows share a sequence" if plan.packing else "a row a sequence",
        "Keeps": "the last model" if plan.keep == "last" else "the model of the lowest validation loss",
        "Ends early": f"after {plan.patience:,} measurements without a lower loss" if plan.patience else "no",
        "Warm-up": f"{plan.warmup_steps:,} steps",
        "Weight decay": f"{plan.weight_decay:g}",
        "Numbers": NUMBERS[plan.bf16],
        "Saves memory": SAVES[plan.save_memory],
        "Loss on": "the response only",
        "Seed": str(plan.seed),
    }
