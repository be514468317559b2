"""Several people at once, each in a transaction of their own that really commits."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from app.core.errors import DomainError

Act = Callable[[Session], Any]


def at_once(sessions: sessionmaker[Session], *acts: Act) -> list[DomainError]:
    """Carry these out in transactions that begin together; what was refused."""
    gate, refused = Barrier(len(acts)), list[DomainError]()

    def carry_out(act: Act) -> None:
        gate.wait()
        try:
            with sessions.begin() as session:
                act(session)
        except DomainError as error:
            refused.append(error)

    threads = [Thread(target=carry_out, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused
