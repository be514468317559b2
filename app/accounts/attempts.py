"""How often may somebody try? Counters in Postgres by the database's time: shared by all processes, kept by a restart.

A network is one IPv4 address or one IPv6 /64. Counting by account *and* network means that nobody, by failing on
purpose, keeps the owner out who comes from elsewhere.
"""

import hashlib
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import Integer, case, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.models import Attempt
from app.core.errors import TooOften

WINDOW = timedelta(minutes=15)
TRIES_ON_AN_ACCOUNT = 10
TRIES_OF_A_NETWORK = 100
RESETS_OF_AN_ACCOUNT = 3
RESETS_OF_A_NETWORK = 30


def network_of(address: str | None) -> str:
    """The network that an address belongs to, as counters know it."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def account_bucket(purpose: str, key: str, network: str = "") -> str:
    """The counter of tries on one account, from one network where it is given. It does not tell the address."""
    return f"{purpose}:" + hashlib.sha256(f"{key}\0{network}".encode("utf-8", "surrogatepass")).hexdigest()[:40]


def network_bucket(purpose: str, network: str) -> str:
    """The counter of all tries of one network."""
    return f"{purpose}-network:{network}"


def count_try(session: Session, bucket: str) -> tuple[int, int]:
    """Count one more try. How many there were in this window, and the seconds until the next window."""
    over = Attempt.window_start < func.now() - WINDOW
    statement = (
        insert(Attempt)
        .values(bucket=bucket, window_start=func.now(), count=1)
        .on_conflict_do_update(
            index_elements=[Attempt.bucket],
            set_={
                "count": case((over, 1), else_=Attempt.count + 1),
                "window_start": case((over, func.now()), else_=Attempt.window_start),
            },
        )
        .returning(
            Attempt.count, func.ceil(func.extract("epoch", Attempt.window_start + WINDOW - func.now())).cast(Integer)
        )
    )
    count, seconds = session.execute(statement).one()
    return count, max(seconds, 1)


def require_tries_left(session: Session, bucket: str, limit: int) -> None:
    """Count one more try. TooOften, with the seconds to wait, past the limit of a window."""
    count, seconds = count_try(session, bucket)
    if count > limit:
        minutes = -(-seconds // 60)
        raise TooOften("accounts.too_many_tries", f"Too many tries. Try again in {minutes} minutes.", seconds=seconds)


def forgive(session: Session, *, account: str, network: str) -> None:
    """Take back what a try cost that turned out right: the account's count, and one of the network's."""
    session.execute(delete(Attempt).where(Attempt.bucket == account))
    session.execute(update(Attempt).where(Attempt.bucket == network, Attempt.count > 0).values(count=Attempt.count - 1))
