"""What `load_dataset` finds in folders, and one step of TRL's own trainers on them as they stand.

`-m tests.datasets.formats.one_step FOLDER MODEL OUT NAME…`: each NAME is a folder that is loaded.
"""

import json
import sys
from pathlib import Path

from datasets import load_dataset
from transformers import AutoTokenizer
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.reward_config import RewardConfig
from trl.trainer.reward_trainer import RewardTrainer
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer


def main(folder: str, model: str, out: str, *names: str) -> None:
    """Train one step on each of the folders, which are handed over without a mapping; write down what was learned."""
    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.chat_template = (Path(model).parent / "chat_templates" / "chatml.jinja").read_text("utf-8")
    told = {}
    for name in ("messages", "prompt-completion", "parquet"):
        rows = load_dataset(str(Path(folder) / name), split="train")
        arguments = SFTConfig(
            str(Path(out).parent / "steps"), max_steps=1, per_device_train_batch_size=2, report_to="none",
            use_cpu=True, bf16=False, gradient_checkpointing=False, save_strategy="no", disable_tqdm=True,
        )  # fmt: skip
        trainer = SFTTrainer(model=model, args=arguments, train_dataset=rows, processing_class=tokenizer)
        batch = next(iter(trainer.get_train_dataloader()))
        learned = [token for token in batch["labels"][0].tolist() if token != -100]
        told[name] = {"loss": trainer.train().training_loss, "learned": tokenizer.decode(learned)}
    preferred = load_dataset(str(Path(folder) / "preferences"), split="train")
    for name, settings, trainer_of in (("reward", RewardConfig, RewardTrainer), ("dpo", DPOConfig, DPOTrainer)):
        arguments = settings(
            str(Path(out).parent / name), max_steps=1, per_device_train_batch_size=2, report_to="none", use_cpu=True,
            bf16=False, gradient_checkpointing=False, save_strategy="no", disable_tqdm=True,
        )  # fmt: skip
        trainer = trainer_of(model=model, args=arguments, train_dataset=preferred, processing_class=tokenizer)
        told[name] = {"loss": trainer.train().training_loss}
    loaded = {name: load_dataset(f"{folder}/{name}") for name in names}
    rows_of = {name: {split: list(rows) for split, rows in splits.items()} for name, splits in loaded.items()}
    Path(out).write_text(json.dumps({"loaded": rows_of, "trained": told}))


if __name__ == "__main__":
    main(*sys.argv[1:])
