"""What the readers of two training frameworks make of a folder: this module with FOLDER, OUT and TOKENIZER.

Their own code, from the wheels that readers.txt beside this file pins, without the libraries that only training needs:
the packages' first files, which import everything, are passed by.
"""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from datasets import load_dataset

READERS = Path(sys.prefix) / "readers"
PACKAGES = ("llamafactory", "llamafactory.data", "axolotl", "axolotl.prompt_strategies")
# Marks of its own, so that what a template is given can be told from what it adds.
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def without_first_files() -> None:
    """Make the packages known by their folders alone."""
    sys.path.insert(0, str(READERS))
    for name in PACKAGES:
        package = ModuleType(name)
        package.__path__ = [str(READERS / name.replace(".", "/"))]
        sys.modules[name] = package


def llama_factory(folder: Path) -> list[dict[str, Any]]:
    """The training rows as LLaMA-Factory aligns them, by the dataset_info.json that lies in the folder."""
    parser, converter = (importlib.import_module(f"llamafactory.data.{name}") for name in ("parser", "converter"))
    (found,) = parser.get_dataset_list(["train"], str(folder))
    rows = load_dataset("json", data_files=str(folder / found.dataset_name), split="train")
    arguments = SimpleNamespace(streaming=False, preprocessing_num_workers=1, overwrite_cache=True, media_dir="")
    convert = converter.get_dataset_converter(found.formatting, found, arguments)
    return [convert(row) for row in rows]


def axolotl(folder: Path, tokenizer: str, **fields: Any) -> list[dict[str, str]]:
    """The text of each training row as Axolotl builds it, and the part of it that a loss belongs on."""
    from transformers import AutoTokenizer

    strategy = importlib.import_module("axolotl.prompt_strategies.chat_template")
    dictionary = importlib.import_module("axolotl.utils.dict").DictDefault
    read = AutoTokenizer.from_pretrained(tokenizer)
    read.chat_template = TEMPLATE
    asked = {"type": "chat_template", "chat_template": "tokenizer_default", **fields}
    settings = dictionary({"sequence_len": 4096, "train_on_inputs": False})
    loaded = strategy.load(read, settings, asked)
    rows = load_dataset(str(folder), split="train")
    told = [loaded.tokenize_prompt(row) for row in rows]
    return [
        {
            "text": str(read.decode(one["input_ids"])),
            "learned": str(read.decode([token for token in one["labels"] if token != -100])),
        }
        for one in told
    ]


def main(folder: str, out: str, tokenizer: str) -> None:
    """Write down what each reader made of the folders `messages`, `alpaca` and `sharegpt`."""
    without_first_files()
    here = Path(folder)
    names = {"field_messages": "conversations", "message_property_mappings": {"role": "from", "content": "value"}}
    found = {
        "llama_factory": {name: llama_factory(here / name) for name in ("alpaca", "sharegpt")},
        "axolotl": {
            "messages": axolotl(here / "messages", tokenizer),
            "sharegpt": axolotl(here / "sharegpt", tokenizer, **names),
        },
    }
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
