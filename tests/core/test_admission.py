"""Whose address counts: the nearest one that no trusted proxy vouches away."""

from ipaddress import ip_network

import pytest

from app.core.admission import client_address

PROXIES = [ip_network("10.0.0.0/8"), ip_network("::1/128")]
CASES = {
    "nobody told anything": ("192.0.2.1", [], "192.0.2.1"),
    "a stranger tells of another": ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
    "a proxy tells whom it serves": ("10.1.2.3", ["203.0.113.9"], "203.0.113.9"),
    "what stands before was written by the client": ("10.1.2.3", ["127.0.0.1", "203.0.113.9"], "203.0.113.9"),
    "two proxies in a row": ("10.1.2.3", ["198.51.100.7", "203.0.113.9", "10.9.9.9"], "203.0.113.9"),
    "only proxies": ("10.1.2.3", ["10.0.0.1"], "10.0.0.1"),
    "nonsense from a proxy": ("10.1.2.3", ["<script>"], "10.1.2.3"),
    "an address with a port is no address": ("10.1.2.3", ["203.0.113.9:443"], "10.1.2.3"),
    "IPv6": ("::1", ["2001:db8::1"], "2001:db8::1"),
    "IPv4 inside IPv6": ("::ffff:10.1.2.3", ["::ffff:203.0.113.9"], "203.0.113.9"),
    "no address at all": ("testclient", ["203.0.113.9"], "testclient"),
}


@pytest.mark.parametrize(("peer", "told", "address"), CASES.values(), ids=CASES)
def test_the_address_is_the_nearest_that_no_proxy_of_ours_has(peer: str, told: list[str], address: str) -> None:  # S29
    assert client_address(peer, told, PROXIES) == address
