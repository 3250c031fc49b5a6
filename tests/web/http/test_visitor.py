from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.http.visitor import visitor_address


def meta(forwarded: str | None = None, connected: str = "192.0.2.9") -> dict[str, str]:
    more = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return {"REMOTE_ADDR": connected, **more}


def test_without_proxies_the_connection_counts_whatever_the_request_states():
    assert visitor_address(meta("198.51.100.7"), 0) == "192.0.2.9"


@pytest.mark.parametrize(
    ("proxies", "address"),
    [(1, "203.0.113.3"), (2, "203.0.113.2"), (3, "203.0.113.1"), (4, "192.0.2.9")],
)
def test_the_nth_address_from_the_right_counts_and_none_beyond_the_list(proxies, address):
    forwarded = "203.0.113.1, 203.0.113.2,203.0.113.3"
    assert visitor_address(meta(forwarded), proxies) == address


@pytest.mark.parametrize(
    "forwarded",
    [
        *(None, "", " ", ",", "unknown", "203.0.113.1,", "203.0.113.256", "203.0.113.1:x", "1"),
        *("[203.0.113.1", "[]", "[]:80", ":80", "::1::", "203.0.113.1\n2"),
    ],
)
def test_where_the_address_is_missing_or_malformed_the_connection_counts(forwarded):
    assert visitor_address(meta(forwarded), 1) == "192.0.2.9"


@pytest.mark.parametrize(
    "written",
    ["2001:db8:1:2::5", "2001:DB8:1:2:ffff::", "[2001:db8:1:2::5]", "[2001:db8:1:2::5]:4711"],
)
def test_an_ipv6_address_counts_by_its_64(written):
    assert visitor_address(meta(written), 1) == "2001:db8:1:2::/64"
    assert visitor_address(meta(connected=written), 0) == "2001:db8:1:2::/64"


@pytest.mark.parametrize("written", ["203.0.113.1", " 203.0.113.1 ", "203.0.113.1:4711"])
def test_an_ipv4_address_counts_without_the_port_of_its_connection(written):
    assert visitor_address(meta(written), 1) == "203.0.113.1"


def test_an_ipv4_address_within_an_ipv6_address_is_the_ipv4_address():
    assert visitor_address(meta("::ffff:203.0.113.1"), 1) == "203.0.113.1"


def test_a_connection_without_an_address_is_a_visitor_of_its_own():
    assert visitor_address({}, 0) == ""
    assert visitor_address(meta(connected="unix:"), 1) == "unix:"


@given(st.text(), st.integers(1, 3), st.ip_addresses(v=4))
def test_what_a_visitor_writes_before_the_proxies_changes_nothing(
    invented: str, proxies: int, address: IPv4Address
):
    own = ["203.0.113.80"] * (proxies - 1)
    forwarded = ", ".join([invented, str(address), *own])
    assert visitor_address(meta(forwarded), proxies) == str(address)
