"""Who answers in this installation's playground, and who asks: one object a web process."""

from typing import Protocol

from app.core.settings import Settings
from app.training.generator.protocol import Events
from app.training.playground.asked import Asked, Pair
from app.training.playground.bundled import Bundled
from app.training.playground.gate import Gate


class Way(Protocol):
    """How a question reaches two models, and what they say comes back."""

    @property
    def missing(self) -> str:
        """Why nobody can answer, or empty."""

    def events(self, pair: Pair, question: Asked) -> Events:
        """What is told of the answers. Who closes it stops them."""

    def close(self) -> None:
        """Leave nothing behind."""


class Playground:
    """The way that the settings name, and the gate before it."""

    def __init__(self, settings: Settings) -> None:
        self.way: Way = the_way(settings)
        self.outside = settings.playground_url is not None
        self.gate = Gate()


def the_way(settings: Settings) -> Way:
    """To the endpoint of the operator's where there is one, else to the models that answer beside the site."""
    if settings.playground_url is None:
        return Bundled(settings)
    from app.training.playground.endpoint import Endpoint  # most sites have none, and need no client of HTTP

    return Endpoint(settings)
