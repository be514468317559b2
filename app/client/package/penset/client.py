"""The Python client under the name that programs import."""

from app.client.errors import (
    CannotReach,
    ClientError,
    NotSignedIn,
    Problem,
    PromiseBroken,
    RunEnded,
    WrongBytes,
    WrongUse,
)
from app.client.penset import Penset
from app.client.verify import Checked, verify

__all__ = [
    "CannotReach",
    "Checked",
    "ClientError",
    "NotSignedIn",
    "Penset",
    "Problem",
    "PromiseBroken",
    "RunEnded",
    "WrongBytes",
    "WrongUse",
    "verify",
]
