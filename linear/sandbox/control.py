"""`/_sandbox/...`: how a test in another process looks at the stand-in and plays people, faults and networks.

GET   state, log, deliveries, faults
POST  faults, faults/clear, log/clear      what goes wrong; what was asked
POST  label, comment, edit, trash, resolve what people do
POST  stop-at, release                     hold the n-th write's answer; let go
POST  notify, webhook                      who is told; whether the webhook is enabled
POST  deliveries, redeliver, send          webhooks
POST  access                               revoke the key or the tokens
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from linear.sandbox.access import Access
from linear.sandbox.deliveries import Deliveries
from linear.sandbox.endpoint import Connections
from linear.sandbox.faults import Faults, Kind
from linear.sandbox.log import Log
from linear.sandbox.people import People
from linear.sandbox.rules import Refusal
from linear.sandbox.workspace import Workspace

_BAD_REQUEST, _NOT_FOUND = 400, 404


class _Order(BaseModel):
    """What a request asks for; an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid")


class _Fault(_Order):
    operation: str
    kind: Kind
    times: int = 1
    on_call: int = 1
    reset_after_s: float = 1.0
    seconds: float = 1.0
    writes: int = 1
    ms: float | None = None
    keep: int = 1
    status: int = 502


class _Label(_Order):
    issue: str
    label: str
    on: bool = True
    by: str | None = None


class _Comment(_Order):
    issue: str | None = None
    document: str | None = None
    body: str
    parent: str | None = None
    quoted: str | None = None
    by: str | None = None
    external: str | None = None


class _Edit(_Order):
    id: str
    values: dict[str, object]
    by: str | None = None


class _Trash(_Order):
    id: str
    on: bool = True
    for_good: bool = False
    by: str | None = None


class _Resolve(_Order):
    comment: str
    on: bool = True
    by: str | None = None


class _StopAt(_Order):
    write: int = Field(ge=1)
    when: Literal["before", "after"] = "after"


class _Notify(_Order):
    url: str | None
    secret: str | None = None


class _Webhook(_Order):
    enabled: bool


class _Deliveries(_Order):
    hold: bool
    order: Literal["made", "reversed"] = "made"
    times: int = 1


class _Redeliver(_Order):
    delivery: str | None = None
    times: int = 1
    new_id: bool = False
    renew_stamp: bool = False


class _Send(_Order):
    event: str
    payload: dict[str, object]


class _Access(_Order):
    revoke: Literal["key", "tokens", "restore"]


class Control:
    """The routes. Each answers JSON; a wrong request is answered 400 with what is wrong, a missing row 404."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        people: People,
        access: Access,
        faults: Faults,
        log: Log,
        connections: Connections,
        deliveries: Deliveries,
    ) -> None:
        self._workspace = workspace
        self._people = people
        self._access = access
        self._faults = faults
        self._log = log
        self._connections = connections
        self._deliveries = deliveries

    def routes(self) -> list[Route]:
        """To be mounted under `/_sandbox`."""
        gets: dict[str, Callable[[], object]] = {
            "state": self._workspace.dump,
            "log": self._log.as_json,
            "deliveries": lambda: {
                "pending": self._deliveries.pending,
                "deliveries": [each.as_json() for each in self._deliveries.all],
            },
            "faults": lambda: {"faults": self._faults.listed()},
        }
        posts: dict[str, Callable[[bytes], object]] = {
            "faults": self._add_fault,
            "faults/clear": lambda _: self._faults.clear(),
            "log/clear": lambda _: self._log.clear(),
            "label": self._press_label,
            "comment": self._write_comment,
            "edit": self._edit,
            "trash": self._trash,
            "resolve": self._resolve,
            "stop-at": self._stop_at,
            "release": self._release,
            "notify": self._notify,
            "webhook": self._switch,
            "deliveries": self._hold,
            "redeliver": self._redeliver,
            "send": self._send,
            "access": self._revoke,
        }
        return [
            *(Route(f"/{name}", _looked(look), methods=["GET"]) for name, look in gets.items()),
            *(Route(f"/{name}", _done(do), methods=["POST"]) for name, do in posts.items()),
        ]

    def _add_fault(self, body: bytes) -> object:
        given = _Fault.model_validate_json(body)
        self._faults.add(**given.model_dump())
        return {"faults": self._faults.listed()}

    def _press_label(self, body: bytes) -> object:
        given = _Label.model_validate_json(body)
        return self._row(self._people.press_label(given.issue, given.label, on=given.on, by=given.by).id)

    def _write_comment(self, body: bytes) -> object:
        given = _Comment.model_validate_json(body)
        if given.document is not None:
            made = self._people.comment_on_document(given.document, given.body, quoted=given.quoted, by=given.by)
        else:
            made = self._people.comment(
                given.issue or "", given.body, parent=given.parent, by=given.by, external=given.external
            )
        return self._row(made.id)

    def _edit(self, body: bytes) -> object:
        given = _Edit.model_validate_json(body)
        return self._row(self._people.edit(given.id, given.values, by=given.by).id)

    def _trash(self, body: bytes) -> object:
        given = _Trash.model_validate_json(body)
        row = self._people.throw_away(given.id, on=given.on, for_good=given.for_good, by=given.by)
        return {"id": row.id}

    def _resolve(self, body: bytes) -> object:
        given = _Resolve.model_validate_json(body)
        return self._row(self._people.resolve(given.comment, on=given.on, by=given.by).id)

    def _stop_at(self, body: bytes) -> object:
        given = _StopAt.model_validate_json(body)
        return {"write": self._log.stop_at(given.write, given.when)}

    def _release(self, _: bytes) -> object:
        self._log.go_on()
        self._connections.release()
        return {"released": True}

    def _notify(self, body: bytes) -> object:
        given = _Notify.model_validate_json(body)
        self._deliveries.notify = given.url
        if given.secret is not None:
            self._deliveries.secret = given.secret
        return {"notify": given.url}

    def _switch(self, body: bytes) -> object:
        given = _Webhook.model_validate_json(body)
        self._deliveries.webhook.enabled = given.enabled
        return {"enabled": given.enabled}

    def _hold(self, body: bytes) -> object:
        given = _Deliveries.model_validate_json(body)
        if given.hold:
            self._deliveries.hold()
            return {"holding": True}
        return {"released": self._deliveries.release(given.order, given.times)}

    def _redeliver(self, body: bytes) -> object:
        given = _Redeliver.model_validate_json(body or b"{}")
        copies = self._deliveries.redeliver(
            given.delivery, times=given.times, new_id=given.new_id, renew_stamp=given.renew_stamp
        )
        return {"deliveries": [each.as_json() for each in copies]}

    def _send(self, body: bytes) -> object:
        given = _Send.model_validate_json(body)
        return self._deliveries.send(given.event, given.payload).as_json()

    def _revoke(self, body: bytes) -> object:
        given = _Access.model_validate_json(body)
        self._access.revoke(given.revoke)
        return {"revoke": given.revoke}

    def _row(self, id: str) -> Mapping[str, object]:
        with self._workspace.lock:
            return self._workspace.row(self._people.find(id))


def _looked(look: Callable[[], object]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return JSONResponse(look())

    return answer


def _done(do: Callable[[bytes], object]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(do(await request.body()) or {})
        except ValidationError as error:
            wrong = json.loads(error.json(include_url=False, include_context=False, include_input=False))
            return JSONResponse({"error": wrong}, _BAD_REQUEST)
        except (Refusal, LookupError) as error:
            said = error.extensions["userPresentableMessage"] if isinstance(error, Refusal) else str(error)
            return JSONResponse({"error": said}, _NOT_FOUND)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, _BAD_REQUEST)

    return answer
