"""The file host of the stand-in: what people put into texts, given to whoever shows the key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from linear.sandbox import rules
from linear.sandbox.access import Access
from linear.sandbox.rules import Refusal

PATH = "/uploads"
"""Below it all files lie. Linear has a host of its own for them."""

_UNAUTHORIZED, _NOT_FOUND = 401, 404


@dataclass(frozen=True)
class _File:
    body: bytes
    media_type: str


class Files:
    """The files of one workspace. Safe to use from any thread.

    `asked` are the paths that were asked for, in order. `answers` stands in for what goes wrong: HTTP statuses by path,
    given once each before the file is; 302 leads to `elsewhere`.
    """

    def __init__(self, access: Access, url: Callable[[], str]) -> None:
        """`url`: the stand-in's address, once it has one."""
        self.asked: list[str] = []
        self.answers: dict[str, list[int]] = {}
        self.elsewhere = ""
        self._access = access
        self._url = url
        self._lock = threading.Lock()
        self._files: dict[str, _File] = {}

    def put(self, name: str, body: bytes, media_type: str = "application/octet-stream") -> str:
        """Keep a file; answers its address, as it would stand in a text."""
        with self._lock:
            path = f"{PATH}/{len(self._files) + 1:08x}/{quote(name)}"
            self._files[path] = _File(body, media_type)
        return f"{self._url()}{path}"

    async def get(self, request: Request) -> Response:
        """The file at a path. Without a good key: 401, whether it is there or not."""
        path = request.scope.get("raw_path", b"").decode("ascii", "replace").partition("?")[0]
        with self._lock:
            self.asked.append(path)
            wrong = self.answers[path].pop(0) if self.answers.get(path) else None
            file = self._files.get(path)
        try:
            self._access.actor(request.headers.get("authorization", ""))
        except Refusal:
            return JSONResponse({"error": rules.unauthenticated().message}, _UNAUTHORIZED)
        if wrong is not None:
            return Response(status_code=wrong, headers={"Location": self.elsewhere} if self.elsewhere else None)
        if file is None:
            return JSONResponse({"error": "Not found"}, _NOT_FOUND)
        return Response(file.body, media_type=file.media_type)
