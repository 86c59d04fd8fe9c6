"""What holds for every test: no network beyond loopback, and none of this machine's keys or settings."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import threading
from collections.abc import Iterator

import pytest

OURS = ("ANTHROPIC_", "LINEAR_", "NEEDS_PLAN_")
KEPT = {"LINEAR_SCHEMA"}  # names a file that tests may read
PROXIES = {"http_proxy", "https_proxy", "all_proxy"}  # a proxy on loopback would lead out past the guard


class OutsideError(AssertionError):
    """A test reached for the network."""


class _Guard:
    """An audit hook, so that code in C is seen too. One a process: Python takes no hook off again.

    Not seen: what uvloop and libpq connect themselves, and programs that tests start; those get no keys.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reached: list[str] = []
        self.active = False

    def hook(self, event: str, args: tuple[object, ...]) -> None:
        """Refuse what leads outside, and remember it: the code under test may swallow the error."""
        if not self.active or not event.startswith("socket."):
            return
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            sock, address = args[0], args[1]
            if not isinstance(sock, socket.SocketType) or sock.family not in {socket.AF_INET, socket.AF_INET6}:
                return
            host = address[0] if isinstance(address, tuple) and address else None
        elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            host = args[0]
        else:
            return
        if not is_loopback(host):
            with self._lock:
                self._reached.append(f"{event} to {host!r}")
            raise OutsideError(f"{event} to {host!r}: tests reach loopback only")

    def take(self) -> list[str]:
        """What was reached for since the last call."""
        with self._lock:
            reached, self._reached = self._reached, []
        return reached


def is_loopback(host: object) -> bool:
    """Whether `host`, as socket functions take it, stays on this machine. None and "" are for listening."""
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if host is None or host in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


GUARD = _Guard()
sys.addaudithook(GUARD.hook)


def is_live(config: pytest.Config) -> bool:
    """Whether live tests, and only those, were asked for: they need the network and the keys."""
    return str(config.getoption("markexpr")) == "live"


def pytest_configure(config: pytest.Config) -> None:
    """Drop ambient settings before any test module is imported: some are read at import."""
    if is_live(config):
        return
    for name in list(os.environ):  # noqa: TID251  # the tests' own environment, not the bot's
        if (name.startswith(OURS) and name not in KEPT) or name.lower() in PROXIES:
            del os.environ[name]  # noqa: TID251


@pytest.fixture(scope="session", autouse=True)
def loopback_only(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refuse the network for the whole session, unless live tests were asked for (`-m live`)."""
    GUARD.active = not is_live(request.config)
    yield
    GUARD.active = False


@pytest.fixture(autouse=True)
def stayed_inside(loopback_only: None) -> Iterator[None]:
    """Fail the test that reached outside, also where its code swallowed the refusal."""
    GUARD.take()
    yield
    reached = GUARD.take()
    if reached:
        pytest.fail("the test reached outside this machine: " + "; ".join(reached), pytrace=False)
