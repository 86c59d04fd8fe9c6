"""The guard of conftest.py guards."""

from __future__ import annotations

import socket

import pytest

pytest_plugins = ["pytester"]

OUTSIDE = "192.0.2.1"  # TEST-NET-1 (RFC 5737): nobody lives there


@pytest.fixture
def inner(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> pytest.Pytester:
    """A project of its own under the same conftest."""
    pytester.makeconftest((request.config.rootpath / "tests/conftest.py").read_text())
    pytester.makeini("[pytest]\nmarkers = live\n")
    return pytester


REACHING = {
    "connect": f"socket.create_connection(('{OUTSIDE}', 80), timeout=1)",
    "connect by IPv6": "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "look-up": "socket.getaddrinfo('linear.invalid', 443)",
    "datagram": f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('{OUTSIDE}', 53))",
    "thread": f"t = threading.Thread(None, socket.create_connection, None, [('{OUTSIDE}', 80)]); t.start(); t.join()",
    "asyncio": f"asyncio.run(asyncio.open_connection('{OUTSIDE}', 80))",
    "httpx2": f"httpx2.get('http://{OUTSIDE}/')",
}


def test_whoever_reaches_outside_fails_even_if_the_refusal_is_swallowed(inner: pytest.Pytester) -> None:
    for number, line in enumerate(REACHING.values()):
        inner.makepyfile(
            **{
                f"test_{number}": f"""
                    import asyncio, socket, threading
                    import httpx2

                    def test_reach():
                        threading.excepthook = lambda args: None
                        try:
                            {line}
                        except BaseException:
                            pass
                """
            }
        )
    result = inner.runpytest_subprocess("-p", "no:cacheprovider", "-q")
    result.assert_outcomes(passed=len(REACHING), errors=len(REACHING))
    said = [line for line in result.outlines if line.startswith("the test reached outside this machine: socket.")]
    assert len(said) == len(REACHING)


def test_loopback_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with socket.create_server(("localhost", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    left, right = socket.socketpair()
    left.close()
    right.close()


def test_ambient_keys_and_proxies_are_gone_but_the_schema_stays(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LINEAR_API_KEY", "ANTHROPIC_API_KEY", "NEEDS_PLAN_HOST", "HTTPS_PROXY", "LINEAR_SCHEMA"):
        monkeypatch.setenv(name, "x")
    inner.makepyfile("""
        import os

        def test_environment():
            ours = {name for name in os.environ if name.startswith(("LINEAR_", "ANTHROPIC_", "NEEDS_PLAN_"))}
            assert ours == {"LINEAR_SCHEMA"}
            assert "HTTPS_PROXY" not in os.environ
    """)
    inner.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_live_tests_keep_keys_and_network(inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAR_API_KEY", "x")
    inner.makepyfile("""
        import os, sys
        import pytest

        @pytest.mark.live
        def test_live():
            # What a look-up would tell the guard, without the look-up.
            sys.audit("socket.getaddrinfo", "linear.invalid", 443, 0, 0, 0)
            assert os.environ["LINEAR_API_KEY"] == "x"
    """)
    inner.runpytest_subprocess("-p", "no:cacheprovider", "-m", "live").assert_outcomes(passed=1)
    inner.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(failed=1, errors=1)
