"""The composition root: the one place that knows which concrete thing stands behind each name."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from typing import TYPE_CHECKING, NamedTuple

import httpx2
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.agents import Agents, find
from bot.checkout import Checkouts
from bot.store import keep
from bot.store.database import Database
from bot.telemetry import Counts
from linear.auth import ApiKey, AppToken
from linear.client import Linear
from linear.errors import LinearError
from planner.agent import builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.settings import Settings
    from linear.models import Identity
    from planner.agent import Agent
    from planner.capabilities import Capabilities
    from planner.model import ChatModel

log = structlog.get_logger()

_SCOPES = ("read", "write")
_IDENTITY_AGAIN_S = 15.0
_IDENTITY_STILL_S = 300.0


class Services:
    """What the bot's parts share in one process."""

    def __init__(self, settings: Settings, *, pace: float = 1.0) -> None:
        """`pace` scales every wait of the workflows; tests turn it down."""
        self.settings = settings
        self.pace = pace
        self.counts = Counts()
        self.database = Database(settings.database)
        self.checkouts = Checkouts(settings.data_dir, settings.git_token_by_host)
        self.mcp_servers = settings.mcp_servers()
        self.organization_id: str | None = None
        self.names: frozenset[str] = frozenset()
        """What the bot is called where it acts as an app, for `@name plan`; a key acts as a person, who is not it."""
        self.trouble: str | None = "Linear has not answered yet"
        """Why Linear cannot be used now, in a sentence; None while it can."""
        self.listen: Callable[[str, str, str], None] | None = None
        """Called with run id, step and text of each line of a journal, and with step `progress` while it writes."""
        self._linears: dict[int, _Opened] = {}
        self._models: dict[int, ChatModel] = {}
        self._capabilities: dict[str, Capabilities] = {}
        self._viewer_id: str | None = None

    @property
    def model(self) -> str:
        """The model id plans are written with, where no other agent is asked for."""
        return self.model_of(builtin())

    def model_of(self, agent: Agent) -> str:
        """The model id an agent writes with: the operator's, else its definition's."""
        return agent.choose_model(self.settings.model)

    def agents(self, repository_files: Mapping[str, str] | None = None) -> Agents:
        """The agent definitions there are now; `repository_files`: see `bot.agents.find`."""
        return find(self.settings.rules, repository_files)

    async def capabilities(self, model: str) -> Capabilities:
        """What a model can do, asked once in a process."""
        if model not in self._capabilities:
            self._capabilities[model] = await self.chat_model().capabilities(model)
        return self._capabilities[model]

    @property
    def scripted(self) -> bool:
        """Whether the offline stand-in writes."""
        return self.settings.provider == "scripted"

    async def linear(self) -> Linear:
        """The client for the running event loop: connections belong to the loop that opened them."""
        key = id(asyncio.get_running_loop())
        if key not in self._linears:
            self._linears[key] = await open_linear(self.settings)
        return self._linears[key].linear

    async def viewer_id(self) -> str:
        """The id of the user the bot acts as, asked once in a process."""
        if self._viewer_id is None:
            self._viewer_id = (await (await self.linear()).identity()).viewer.id
        return self._viewer_id

    def chat_model(self) -> ChatModel:
        """The model for the running event loop. Heavy libraries are loaded only now."""
        key = id(asyncio.get_running_loop())
        if key not in self._models:
            self._models[key] = _chat_model(self.settings)
        return self._models[key]

    def tell(self, run_id: str, step: str, text: str) -> None:
        """Tell whoever watches, if anyone does."""
        if self.listen is not None:
            self.listen(run_id, step, text)

    async def learn_identity(self) -> None:
        """Learn from Linear whose key this is, until it answers; then look now and again whether the key still holds.

        Webhooks are accepted only once it is known: those of another organization are not ours to act on. What an
        earlier start learnt counts while Linear is out of reach. Runs until cancelled.
        """
        mark = fingerprint(self.settings)
        while True:
            try:
                linear = await self.linear()
                identity = await linear.identity()
            except Exception as error:  # noqa: BLE001 - without an identity every webhook would be refused for ever
                known = isinstance(error, LinearError)
                self.trouble = str(error) if known else f"Linear cannot be asked ({type(error).__name__})"
                log.warning("linear.identity_unknown", reason=self.trouble)
                if self.organization_id is None:
                    with contextlib.suppress(SQLAlchemyError):
                        self.organization_id = await self.database.run(keep.organization_of, mark)
                await asyncio.sleep(_IDENTITY_AGAIN_S * self.pace)
            else:
                if self.trouble is not None:
                    log.info(
                        "linear.connected", organization=identity.organization.name, acting_as=identity.viewer.name
                    )
                self.organization_id = identity.organization.id
                self.names = _names(identity)
                self._viewer_id = identity.viewer.id
                self.trouble = None
                with contextlib.suppress(SQLAlchemyError):  # only the next start would miss it
                    await self.database.run(keep.put_identity, mark, identity)
                await asyncio.sleep(_IDENTITY_STILL_S * self.pace)

    async def close(self) -> None:
        """Close what this loop opened, and the database."""
        opened = self._linears.pop(id(asyncio.get_running_loop()), None)
        if opened is not None:
            await opened.linear.aclose()
            await opened.http.aclose()
        self.database.close()


def _names(identity: Identity) -> frozenset[str]:
    """What an app is mentioned by: its names, and the end of its profile's address. Nothing for a person's key."""
    viewer = identity.viewer
    names = {viewer.name, viewer.display_name, viewer.url.rstrip("/").rpartition("/")[2]}
    return frozenset(name for name in names if name) if viewer.app else frozenset()


class _Opened(NamedTuple):
    linear: Linear
    http: httpx2.AsyncClient


async def open_linear(settings: Settings) -> _Opened:
    """A client with the key or the app that the settings name, over one HTTP client."""
    http = httpx2.AsyncClient()
    if settings.linear_api_key is not None:
        auth = ApiKey(settings.linear_api_key.get_secret_value())
    else:
        settings.need_linear()
        secret = settings.linear_client_secret
        auth = AppToken(
            settings.linear_client_id or "",
            secret.get_secret_value() if secret else "",
            scopes=_SCOPES,
            oauth_url=settings.linear_oauth_url,
            http=http,
        )
    linear = await Linear.open(settings.linear_api_url, auth, http=http, files_origin=settings.linear_files_origin)
    return _Opened(linear, http)


def fingerprint(settings: Settings) -> str:
    """Tells keys and endpoints apart without giving the key away: a SHA-256 over both, hex."""
    key = settings.linear_api_key.get_secret_value() if settings.linear_api_key else settings.linear_client_id or ""
    return hashlib.sha256(f"{settings.linear_api_url}\n{key}".encode()).hexdigest()


def _chat_model(settings: Settings) -> ChatModel:
    if settings.provider == "scripted":
        from planner.scripted import ScriptedModel  # noqa: PLC0415 - only where a plan is written

        return ScriptedModel()
    from planner.claude import make_model  # noqa: PLC0415 - importing the SDK takes more than a second

    key = settings.anthropic_api_key
    return make_model(
        settings.provider, api_key=key.get_secret_value() if key else None, base_url=settings.anthropic_base_url
    )
