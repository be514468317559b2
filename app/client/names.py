"""How a person names a version: `NAME@3`, `NAME@latest`, `PROJECT/NAME@3`."""

import re
from dataclasses import dataclass
from typing import Self

from app.client.errors import WrongUse

NUMBER = re.compile(r"[vV]?([1-9][0-9]{0,8})")
LATEST = "latest"


@dataclass(frozen=True)
class VersionName:
    """A dataset's name as it was typed, and the number of the version; None for the newest that is published."""

    dataset: str
    number: int | None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what a person typed. WrongUse where no version is named."""
        dataset, at, word = text.rpartition("@")
        if not at or not dataset:
            raise WrongUse(f"Name a version as NAME@3, NAME@latest or PROJECT/NAME@3, not {text}.")
        return cls(dataset, number_of(word))

    def beside(self, text: str) -> "VersionName":
        """Another version, of the same dataset where only a number is given: `2`, `v2`, `latest`."""
        if NUMBER.fullmatch(text) or text == LATEST:
            return VersionName(self.dataset, number_of(text))
        return VersionName.read(text)


def number_of(word: str) -> int | None:
    """The number of a version, None for `latest`. WrongUse for anything else."""
    if word == LATEST:
        return None
    if match := NUMBER.fullmatch(word):
        return int(match[1])
    raise WrongUse(f"{word} is no version: give a number, or {LATEST}.")


def folder_name(dataset: str, number: int) -> str:
    """A folder for a version: letters, digits and `-_.` of the name, whatever else it holds."""
    plain = re.sub(r"[^\w.-]+", "-", dataset.rpartition("/")[2]).strip("-.")
    return f"{plain or 'dataset'}-v{number}"
