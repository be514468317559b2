"""How the shipped tiny model was made: next-token prediction on free text, on one CPU core.

    apt-get download wordnet-base r-cran-janeaustenr     # Debian; dpkg -x unpacks both anywhere
    python -m app.training.pretrain WORDNET AUSTEN OUT

WORDNET is the folder that holds `data.noun`, AUSTEN the file `janeaustenr/data/Rdata.rdb`, OUT the model's new folder.
The text is WordNet's glosses and examples, turned into sentences, and the six novels of Jane Austen, which are in the
public domain. Nothing in it asks or answers, so the model only learns to continue.
"""

import argparse
import random
import re
import zlib
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

VOCABULARY, BLOCK, BATCH = 4096, 256, 8
TOKENS = 2_600_000  # a quarter of an hour on one quiet core
HELD_OUT = 600  # texts that are never trained on
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]  # the last two are first used by fine-tuning
NAMES, PLACES, KEPT = 5, 20, 0.15  # WordNet's files of animals and plants are long lists of Latin: keep some
R_STRING = re.compile(rb"\x00[\x00\x04][\x00\x80]\x09(....)", re.DOTALL)  # a CHARSXP of R's serialisation, its length


def gloss_sentences(folder: Path, draw: random.Random) -> Iterator[str]:
    """Each of WordNet's common words as a sentence or two: what it is, a synonym, the examples."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
            head, bar, gloss = line.partition(" | ")
            if bar and (sentence := _sentence(part, head.split(), gloss, draw)):
                yield re.sub(r"(^|[.] )([a-z])", lambda m: m[1] + m[2].upper(), sentence)


def _sentence(part: str, head: list[str], gloss: str, draw: random.Random) -> str:
    words = [re.sub(r"\(.*\)", "", head[4 + 2 * i]).replace("_", " ") for i in range(int(head[3], 16))]
    meaning = re.sub(r"\([^)]*\)\s*", "", re.sub(r'\s*"[^"]*".*$', "", gloss)).strip(" ;")
    word = words[0]
    rare = part == "noun" and int(head[1]) in (NAMES, PLACES) and draw.random() > KEPT
    if not meaning or word != word.lower() or len(word.split()) > 2 or rare:
        return ""
    article = "an" if word[0] in "aeiou" else "a"
    form = {
        "noun": [f"{article} {word} is {meaning}.", f"{word}: {meaning}.", f"by {word} we mean {meaning}."],
        "verb": [f"to {word} is to {meaning}.", f"when people {word}, they {meaning}."],
        "adj": [f"something {word} is {meaning}.", f"{word} means {meaning}."],
        "adv": [f"{word}: {meaning}."],
    }
    said = [draw.choice(form[part])]
    if len(words) > 1 and draw.random() < 0.5:
        said.append(f"another word for {word} is {words[1]}.")
    said += [example.strip().rstrip(".") + "." for example in re.findall(r'"([^"]+)"', gloss)]
    return " ".join(said)


def novel_paragraphs(path: Path) -> Iterator[str]:
    """The paragraphs of the novels, from the R package's data file: zlib streams, each after a length."""
    packed = path.read_bytes()
    while packed:
        stream = zlib.decompressobj()
        body, packed = stream.decompress(packed[4:]), stream.unused_data
        found = ((match.end(), int.from_bytes(match[1], "big")) for match in R_STRING.finditer(body))
        lines = [body[at : at + length].decode("utf-8", "replace") for at, length in found if length < 200]
        paragraphs = (p.replace("\n", " ") for p in "\n".join(lines).split("\n\n"))
        yield from (p for p in paragraphs if len(p) > 40)


def train_tokenizer(texts: list[str]) -> Any:
    """Byte-level BPE, so that any text can be written with it."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bare.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY, special_tokens=CONTROL, initial_alphabet=alphabet, show_progress=False
        ),
    )
    end, start, stop = CONTROL
    make: Any = PreTrainedTokenizerFast
    return make(tokenizer_object=bare, bos_token=end, pad_token=end, eos_token=stop, additional_special_tokens=[start])


def blocks(tokenizer: Any, texts: list[str]) -> Tensor:
    """The texts in a row, each closed by `<|endoftext|>`, cut into (N, BLOCK)."""
    encoded = tokenizer(texts, add_special_tokens=False)["input_ids"]
    ids = torch.tensor(list(chain.from_iterable([*text, 0] for text in encoded)))
    return ids[: len(ids) // BLOCK * BLOCK].view(-1, BLOCK)


def new_model() -> Any:
    """2.56 million parameters, the embedding shared by both ends."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=192,
            intermediate_size=512,
            num_hidden_layers=4,
            num_attention_heads=6,
            num_key_value_heads=6,
            max_position_embeddings=1024,
            tie_word_embeddings=True,
            bos_token_id=0,
            eos_token_id=2,
            pad_token_id=0,
        )
    )


@torch.no_grad()  # type: ignore[untyped-decorator]
def held_out_loss(model: Any, data: Tensor) -> float:
    """Mean negative log-likelihood of `data` (N, BLOCK), in nats a token."""
    losses = [float(model(input_ids=batch, labels=batch).loss) * len(batch) for batch in torch.split(data, 16)]
    return sum(losses) / len(data)


def pretrain(model: Any, data: Tensor, tokens: int) -> None:
    """Train on so many tokens; the second half of them brings the learning rate down.

    Muon (Jordan et al. 2024, as torch ships it) for the matrices inside the layers, AdamW for the rest.
    """
    inner = [p for name, p in model.named_parameters() if p.ndim == 2 and "layers" in name]
    outer = [p for name, p in model.named_parameters() if p.ndim != 2 or "layers" not in name]
    optimizers = [
        torch.optim.Muon(inner, lr=0.02, momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(outer, lr=6e-3, betas=(0.9, 0.95), weight_decay=0.01),
    ]
    peaks = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    steps = tokens // (BATCH * BLOCK)
    for step, batch in enumerate(islice(_batches(data), steps)):
        loss = model(input_ids=batch, labels=batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, peak in zip(optimizers, peaks, strict=True):
            optimizer.param_groups[0]["lr"] = peak * min(1, (step + 1) / 30, 2 * (1 - step / steps))
            optimizer.step()
            optimizer.zero_grad()
        if step % 50 == 0:
            print(f"step {step} of {steps}, loss {loss:.3f}", flush=True)


def _batches(data: Tensor) -> Iterator[Tensor]:
    while True:
        for batch in torch.split(torch.randperm(len(data)), BATCH):
            yield data[batch]


def main() -> None:
    """Make the model, and say how good it is on text that it never saw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("wordnet", "austen", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    draw = random.Random(0)
    texts = [*gloss_sentences(asked.wordnet, draw), *novel_paragraphs(asked.austen)]
    draw.shuffle(texts)
    held, trained = texts[:HELD_OUT], texts[HELD_OUT:]
    tokenizer, model = train_tokenizer(trained), new_model()
    data, unseen = blocks(tokenizer, trained), blocks(tokenizer, held)
    print(f"{len(trained):,} texts, {data.numel():,} tokens; loss {held_out_loss(model, unseen):.3f}", flush=True)
    pretrain(model, data, asked.tokens)
    size = sum(len(text.encode()) + 1 for text in held)
    loss = held_out_loss(model, unseen)
    print(
        f"{asked.tokens:,} tokens; held-out loss {loss:.3f} a token, {loss * unseen.numel() / size:.4f} a byte",
        flush=True,
    )
    model.to(torch.bfloat16).save_pretrained(asked.out)
    tokenizer.save_pretrained(asked.out)


if __name__ == "__main__":
    main()
