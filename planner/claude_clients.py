"""Anthropic's clients, by provider: one for the service itself, one for each cloud that offers Claude."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Literal, cast

from planner.errors import BadKey

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

Provider = Literal["anthropic", "bedrock", "vertex", "foundry"]

_READ_TIMEOUT_S = 120.0  # of silence; the service sends a ping every few seconds
_CONNECT_TIMEOUT_S = 10.0
_SHOWN_CHARS = 300
# What the SDK needs beyond itself. It would notice only when the first answer, paid for, has begun.
_NEEDS = {"bedrock": ("botocore", "boto3"), "vertex": ("google.auth", "requests")}


def open_client(provider: Provider, api_key: str | None, base_url: str | None) -> AsyncAnthropic:
    """A client for `provider`. Nothing is sent yet.

    The clouds' clients find region, project and credentials the way their own tools do. Raises BadKey, which says what
    is missing.
    """
    import anthropic  # noqa: PLC0415 - it takes more than a second, and commands that ask nothing do without
    import httpx2  # noqa: PLC0415 - comes with it

    missing = [name for name in _NEEDS.get(provider, ()) if not _is_there(name)]
    if missing:
        raise BadKey(f"The client for {provider} needs more packages: install needs-plan[{provider}].")
    http = anthropic.DefaultAsyncHttpxClient(timeout=httpx2.Timeout(_READ_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S))
    # No retries here: the SDK would sleep as long as the service asks, hours even, inside the request; and a question
    # that timed out may have been answered and paid for, which the caller should know.
    try:
        if provider == "anthropic":
            return anthropic.AsyncAnthropic(
                api_key=api_key, base_url=base_url, http_client=http, max_retries=0, open_telemetry=False
            )
        if provider == "bedrock":
            from anthropic.lib.bedrock import AsyncAnthropicBedrock  # noqa: PLC0415 - as above

            client: object = AsyncAnthropicBedrock(
                base_url=base_url, http_client=http, max_retries=0, open_telemetry=False
            )
        elif provider == "vertex":
            from anthropic.lib.vertex import AsyncAnthropicVertex  # noqa: PLC0415 - as above

            client = AsyncAnthropicVertex(base_url=base_url, http_client=http, max_retries=0, open_telemetry=False)
        elif base_url:
            client = anthropic.AsyncAnthropicFoundry(
                base_url=base_url, api_key=api_key, http_client=http, max_retries=0, open_telemetry=False
            )
        else:
            client = anthropic.AsyncAnthropicFoundry(
                api_key=api_key, http_client=http, max_retries=0, open_telemetry=False
            )
    except (ImportError, ValueError, anthropic.AnthropicError) as error:
        raise BadKey(
            f"The client for {provider} cannot be made: {' '.join(str(error).split())[:_SHOWN_CHARS]}"
        ) from None
    # The clouds' clients offer the same `messages`.
    return cast("AsyncAnthropic", client)


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # of the package around it
        return False
