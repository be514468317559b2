"""How an import is refused: as a whole, with the places that are wrong in the file."""

from app.core.errors import Invalid, Place


def refused(places: list[Place]) -> Invalid:
    """The refusal of a whole file, with the places that are wrong in it."""
    return Invalid("prompts.import_refused", "The file was not imported; nothing of it was stored.", *places)
