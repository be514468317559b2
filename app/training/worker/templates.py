"""Which chat templates may run: a template is a program, so only those whose bytes we know (SECURITY.md S85)."""

from hashlib import sha256
from pathlib import Path

from app.training import base_models
from app.training.worker.failures import RunFailed

FOLDER = Path(base_models.__file__).parent / "chat_templates"
ACCEPTED = {
    "chatml.jinja": "c7973665ae45a063db616565d7a3398d72b720c481f4b8abe291448eb70f5ebd",
    "gemma.jinja": "1e78088373cf573f3e9feb8ab27d804b430de688fb6792401e1f7ba154719577",
    "plain.jinja": "de45a1e2489804176bddaffb8a0b0ada4e7cfaee2cb1c1c5840845d8040f0d61",
    "smollm2.jinja": "64cdb82e84fb0a3935c9ae122647e9497e0295c5cba4e80d4f6835c56a7b2403",
}


def read_template(name: str, folder: Path = FOLDER) -> str:
    """The template of this name. RunFailed where it is none of ours, or not byte for byte what was accepted."""
    content = (folder / name).read_bytes() if name in ACCEPTED else b""
    if sha256(content).hexdigest() != ACCEPTED.get(name):
        raise RunFailed(
            "unknown_template",
            f"The chat template {name} is not one that Penset accepts.",
            "Install Penset anew: its chat templates were changed.",
        )
    return content.decode("utf-8")
