"""How does a model of a hub come to this machine? By `huggingface_hub`, when somebody asks for it by name; whole."""

import re
import shutil
from collections.abc import Callable

from app.core.settings import Settings
from app.training.base_models import NAME
from app.training.fetch import CannotFetch

NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
# Weights and what a tokenizer is made of. No pickles, no code: a run would read neither.
FILES = ["*.json", "*.safetensors", "tokenizer.model", "merges.txt", "vocab.txt"]
# The same weights once more, as their makers' own tools read them: nothing in folders, nothing consolidated.
NOT_THESE = ["*/*", "consolidated*"]


def is_of_a_hub(name: str) -> bool:
    """Whether this is OWNER/NAME."""
    return bool(NAMED.fullmatch(name))


def fetch_from_hub(settings: Settings, name: str, say: Callable[[str], object] = print) -> str:
    """Bring the model OWNER/NAME from PENSET_HUB_URL, unless it is here. Gives its name among the base models.

    The token is PENSET_HUB_TOKEN, or HF_TOKEN as other tools name it; most models ask for none.
    CannotFetch, and nothing is kept, where its name is too long for a base model's, the hub cannot be reached, does not
    give it, or it holds no safetensors.
    """
    try:
        from httpx2 import HTTPError
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError:
        raise CannotFetch("Models of a hub need huggingface_hub. In Penset's folder: pip install '.[hub]'") from None
    folder = settings.models_root.absolute() / name.replace("/", "--")
    if not NAME.fullmatch(folder.name):
        raise CannotFetch(
            f"{name} would be called {folder.name} here, and a base model's name has at most 80 characters. Put the "
            f"model into a folder with a shorter name under {folder.parent}."
        )
    if folder.is_dir():
        return folder.name
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    say(f"Downloading {name} from {settings.hub_url}. Its licence stands at {settings.hub_url}/{name}.")
    try:
        token = settings.hub_token.get_secret_value() if settings.hub_token else None
        snapshot_download(
            name,
            local_dir=part,
            allow_patterns=FILES,
            ignore_patterns=NOT_THESE,
            endpoint=settings.hub_url,
            token=token,
        )
        if not (part / "config.json").is_file() or not list(part.glob("*.safetensors")):
            raise CannotFetch(f"{name} holds no model that Penset reads: config.json and *.safetensors are needed.")
        shutil.rmtree(part / ".cache", ignore_errors=True)
        part.rename(folder)
    except (HfHubHTTPError, HTTPError, OSError) as problem:
        raise CannotFetch(f"{settings.hub_url} did not give {name}: {problem}") from problem
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder.name
