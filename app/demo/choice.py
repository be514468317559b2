"""Which model does the demo's second run begin from?"""

from pathlib import Path

import typer

from app.core.errors import StartRefused
from app.core.settings import Settings
from app.demo import training
from app.training.base_models import LISTED, NAME, available
from app.training.fetch import CannotFetch
from app.training.hub_models import fetch_from_hub, is_of_a_hub


def choose_model(settings: Settings, model: str) -> str:
    """The name of the second run's model: a listed one, a folder, one of a hub, none, or empty for the usual one.

    Terms are shown and asked about. StartRefused, before anything is played, where no run could begin from it.
    """
    if model in ("", "none"):
        return model
    if model in LISTED:
        agree_to_terms(model)
        return model
    folder = Path(model)
    if folder.is_dir() and folder.resolve().parent != settings.models_root:
        return adopt(settings, folder.resolve())
    if folder.name in available(settings.models_root):
        return folder.name
    if is_of_a_hub(model):
        return from_hub(settings, model)
    raise StartRefused(
        f"There is no model {model!r}. MODEL= takes a folder with config.json and *.safetensors, OWNER/NAME of a model "
        f"of {settings.hub_url}, or one of: {', '.join(LISTED)}, none."
    )


def from_hub(settings: Settings, name: str) -> str:
    """Have a model of a hub here, at once: before anything is played it must be known whether it comes. Its name."""
    try:
        return fetch_from_hub(settings, name)
    except CannotFetch as why:
        raise StartRefused(str(why)) from why


def agree_to_terms(model: str) -> None:
    """Ask about the terms of a listed model, where it has any. StartRefused without a yes."""
    terms = LISTED[model].terms if model in LISTED else ""
    if terms and not typer.confirm(f"{terms}\nDo you accept these terms?", default=False):
        raise StartRefused("Without your agreement this model is not fetched. MODEL=none trains nothing.")


def adopt(settings: Settings, folder: Path) -> str:
    """Take a folder of the operator's among the base models. The model's name."""
    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise StartRefused(f"{folder} holds no model: config.json and *.safetensors are needed.")
    if not NAME.fullmatch(folder.name):
        raise StartRefused(f"{folder.name!r} is no name for a model. Name the folder with letters, digits, . _ and -.")
    if folder.name in LISTED:
        raise StartRefused(f"{folder.name!r} is the name of a model on Penset's list. Give the folder another one.")
    return training.adopt_folder(settings, folder)
