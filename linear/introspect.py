"""Fetches Linear's schema of today by introspection and prints it as SDL: `python -m linear.introspect > file`.

Run by hand through `make schema`, by people who have a key and are online; the bot never needs it.
"""

from __future__ import annotations

import sys
from typing import TextIO, cast

import httpx2
from graphql import GraphQLError, IntrospectionQuery, build_client_schema, get_introspection_query, print_schema
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from linear.auth import ApiKey
from linear.errors import LinearError, Rejected, Unreachable
from linear.failures import failure
from linear.transport import utc_now

API_URL = "https://api.linear.app/graphql"
_TIMEOUT = httpx2.Timeout(120, connect=5)  # some three megabytes


class Settings(BaseSettings):
    """The two settings of `bot/settings.py` that matter here; linear/ knows nothing of the bot."""

    model_config = SettingsConfigDict(env_prefix="LINEAR_", extra="ignore")

    api_key: SecretStr = SecretStr("")
    api_url: str = API_URL


def fetch(url: str, key: str) -> str:
    """The schema that `url` speaks, as SDL. Raises what `linear.errors` draws; says nothing of the key."""
    auth = ApiKey(key)
    query = get_introspection_query(input_value_deprecation=True)
    try:
        response = httpx2.post(url, json={"query": query}, auth=auth, timeout=_TIMEOUT, follow_redirects=False)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Unreachable(f"{url} gave no answer ({type(error).__name__})") from None
    try:
        found: object = response.json()
    except ValueError:
        found = None
    answer = cast("dict[str, object]", found if isinstance(found, dict) else {})
    data, errors = answer.get("data"), answer.get("errors")
    if errors or not isinstance(data, dict):
        complaints = cast("list[object]", errors) if isinstance(errors, list) else []
        raise failure(
            complaints, status=response.status_code, headers=response.headers, now=utc_now(), secrets=auth.secrets
        )
    try:
        return print_schema(build_client_schema(cast("IntrospectionQuery", data)))
    except (GraphQLError, TypeError, KeyError):
        raise Rejected("the answer is no GraphQL schema") from None


def main(settings: Settings, out: TextIO, err: TextIO) -> int:
    """Writes the schema to `out` or one sentence to `err`. Answers the exit code: 1 failed, 2 no key."""
    key = settings.api_key.get_secret_value()
    if not key:
        err.write("LINEAR_API_KEY is not set: the schema is fetched with a personal API key, lin_api_...\n")
        return 2
    try:
        out.write(fetch(settings.api_url, key) + "\n")
    except LinearError as error:
        err.write(f"The schema could not be fetched: {error}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Settings(), sys.stdout, sys.stderr))
