"""What rooms after this one add beside a draft that is mended. The roof asks them: writing knows nothing of them."""

from typing import Protocol


class Beside(Protocol):
    """What was said of the text, and what has become of it since."""

    @property
    def template(self) -> str:
        """A partial; it finds this very object as `beside`."""
