"""Why could a trainer not carry a run out? What the system said of it, in words that say what to do. Pure."""

import errno

from app.core.errors import DomainError
from app.core.storage import StorageError
from app.training.launch import CannotWork

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)
BROKEN = "Penset could not carry this run out; the trainer's log says why. It can go on from its last checkpoint."


def in_words(problem: Exception) -> str:
    """For the run's page. What nobody foresaw is left to the trainer's log."""
    if isinstance(problem, CannotWork):
        return str(problem)
    if isinstance(problem, DomainError):
        return problem.sentence
    if isinstance(problem, StorageError):
        return f"{problem} See to where files are kept, then let the run go on."
    if isinstance(problem, OSError):
        return _of_system(problem)
    return BROKEN


def _of_system(problem: OSError) -> str:
    if problem.errno in NO_ROOM:
        return "The trainer's disk is full. Free some space, then let the run go on."
    if problem.errno in NOT_ALLOWED:
        return (
            f"The trainer may not write where it must ({problem.strerror}); its log names the place. Give whoever runs "
            "the trainer that folder, then let the run go on."
        )
    said = f" ({problem.strerror})" if problem.strerror else ""
    return f"The trainer's system refused{said}. {BROKEN}"
