"""Two hundred who sign in at once: few hashes in flight, no connection waits for one, and the rest is answered."""

import asyncio
import threading

import httpx2
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from app.accounts import passwords
from app.accounts.proofs import HASHES_AT_ONCE
from app.core.settings import Settings
from tests import factories

CLIENTS = 200


class WatchedHasher(PasswordHasher):
    """argon2 (cheap, so that the test is short), and how many verifications ran at once at most."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.lock = threading.Lock()
        self.running = self.most = self.verified = 0
        self.together = threading.Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
        """Count, do the work, count."""
        with self.lock:
            self.running += 1
            self.verified += 1
            self.most = max(self.most, self.running)
            if self.running > 1:
                self.together.set()
        self.together.wait(60)  # the first for a second one, however slow the machine is
        try:
            return super().verify(hash, password)
        finally:
            with self.lock:
                self.running -= 1


def test_two_hundred_sign_ins_at_once_hash_a_few_at_a_time_while_pages_are_served(
    committing_app: FastAPI, committing: sessionmaker[Session], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:  # S5
    hasher = WatchedHasher()
    monkeypatch.setattr(passwords, "HASHER", hasher)
    with committing.begin() as session:
        person = factories.user(session, "Ada Writer", password_hash=hasher.hash(factories.PASSWORD))
    statuses, page = asyncio.run(_storm(committing_app, person.email))
    assert page == 200
    assert 1 < hasher.most <= HASHES_AT_ONCE
    assert set(statuses) <= {401, 503}
    assert statuses.count(401) == hasher.verified
    assert statuses.count(401) > settings.pool_size


async def _storm(app: FastAPI, email: str) -> tuple[list[int], int]:
    """Everybody signs in with a wrong password, from ten networks' worth of addresses; somebody opens a page."""

    async def asks(method: str, path: str, number: int) -> int:
        transport = httpx2.ASGITransport(app, client=(f"192.0.2.{number}", 5000))
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
            form = {"email": email, "password": "wrong horse"} if method == "POST" else None
            return (await client.request(method, path, data=form)).status_code

    tries = [asyncio.create_task(asks("POST", "/sign-in", number)) for number in range(CLIENTS)]
    page = await asyncio.wait_for(asks("GET", "/forgot", 250), 10)
    return list(await asyncio.gather(*tries)), page


def test_who_would_wait_too_long_for_a_hash_is_told_to_come_back(
    app: FastAPI, settings: Settings, session: Session
) -> None:  # S5
    factories.user(session, "Ada Writer")
    session.commit()
    settings.turn_seconds = 0.05

    async def with_every_hash_taken() -> httpx2.Response:
        holders = [object() for _ in range(HASHES_AT_ONCE)]
        for holder in holders:
            await app.state.hashes.acquire_on_behalf_of(holder)
        transport = httpx2.ASGITransport(app, client=("192.0.2.1", 5000))
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
            body = {"email": "ada.writer@example.org", "password": factories.PASSWORD}
            return await client.post("/api/v1/session", json=body)

    answer = asyncio.run(with_every_hash_taken())
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
