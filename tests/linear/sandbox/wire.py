"""Raw clients of the stand-in, and a taker of its webhooks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from linear.operations import operations
from linear.sandbox.server import Sandbox

Eventually = Callable[[Callable[[], bool]], None]


@dataclass
class Answer:
    """An answer of the GraphQL endpoint."""

    status: int
    headers: httpx2.Headers
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def error(self) -> dict[str, Any]:
        """The only error."""
        (only,) = self.body["errors"]
        return only

    @property
    def refusal(self) -> tuple[str, str, str]:
        """Message, code, and the sentence for people."""
        extensions = self.error["extensions"]
        return self.error["message"], extensions["code"], extensions["userPresentableMessage"]


class Api:
    """Posts to one stand-in, as whoever the header says."""

    def __init__(self, sandbox: Sandbox, authorization: str) -> None:
        self.sandbox = sandbox
        self.http = httpx2.Client(trust_env=False, timeout=10, headers={"Authorization": authorization})

    def ask(self, query: str, variables: dict[str, Any] | None = None, name: str | None = None) -> Answer:
        """Any GraphQL."""
        answer = self.http.post(
            self.sandbox.graphql_url, json={"query": query, "variables": variables or {}, "operationName": name}
        )
        return Answer(answer.status_code, answer.headers, answer.json())

    def run(self, name: str, /, **variables: Any) -> Answer:
        """One of the project's operations, by name."""
        return self.ask(operations()[name].text, variables, name)

    def made(self, name: str, /, **given: Any) -> dict[str, Any]:
        """The payload of a mutation that has to succeed."""
        (payload,) = self.run(name, input=given).data.values()
        return payload

    def control(self, path: str, /, **body: Any) -> dict[str, Any]:
        """`POST /_sandbox/<path>`, which has to succeed."""
        answer = self.http.post(f"{self.sandbox.url}/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, path: str) -> dict[str, Any]:
        """`GET /_sandbox/<path>`."""
        return self.http.get(f"{self.sandbox.url}/_sandbox/{path}").json()

    def stands(self, kind: str, reference: str) -> bool:
        """Whether `/_sandbox/state` has a row of that id or identifier."""
        return any(reference in {each["id"], each.get("identifier")} for each in self.look("state")[kind])

    def row(self, kind: str, reference: str) -> dict[str, Any]:
        """The row of that id or identifier in `/_sandbox/state`."""
        (row,) = (each for each in self.look("state")[kind] if reference in {each["id"], each.get("identifier")})
        return row

    def issue_id(self, identifier: str) -> str:
        """The id of an issue."""
        return self.row("issues", identifier)["id"]

    def team_id(self, key: str = "ENG") -> str:
        """The id of a team."""
        return next(each["id"] for each in self.look("state")["teams"] if each["key"] == key)


@dataclass
class Received:
    """One delivery that came."""

    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        """What it says."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """Takes webhooks; `answers` are the HTTP statuses it gives, the last one for ever."""

    url: str
    answers: list[int] = field(default_factory=lambda: [200])
    received: list[Received] = field(default_factory=list)

    def wait(self, count: int) -> list[Received]:
        """Waits until so many have come."""
        until = time.monotonic() + 20
        while len(self.received) < count and time.monotonic() < until:
            time.sleep(0.005)
        assert len(self.received) >= count, [each.payload["type"] for each in self.received]
        return self.received
