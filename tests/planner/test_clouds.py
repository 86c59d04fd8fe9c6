"""Claude by way of Amazon and Google: their own clients against the stand-in. Skipped where those are not installed."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner.claude import ClaudeModel, make_model
from planner.errors import BadKey, BadRequest, ModelBusy
from tests.planner.asking import question
from tests.standins import claude as standin
from tests.standins.claude import Claude

BEDROCK_MODEL = "us.anthropic.claude-opus-5-5-v1:0"


@pytest.fixture
def api() -> Iterator[Claude]:
    with Claude() as started:
        yield started
        assert started.waiting == 0, "the script was not played to its end"


async def assert_speaks(model: ClaudeModel, name: str, api: Claude) -> None:
    """A whole answer, and each way an answer may fail."""
    api.script(standin.plan(), standin.plan(cut_after=5), standin.plan(error_after=4), standin.overloaded())
    answer = await model.ask(question(model=name))
    assert answer.stop_reason == "tool_use"
    assert answer.content[1]["input"] == standin.a_plan()
    assert answer.usage.output_tokens == api.usages[0]["output_tokens"]
    for paid in (True, True, False):
        with pytest.raises(ModelBusy) as caught:
            await model.ask(question(model=name))
        assert caught.value.may_be_paid is paid
    with pytest.raises(BadRequest, match="knows no model"):
        await model.ask(question(model="claude-opus-9"))
    sent = api.requests[0]["body"]
    assert sent["thinking"] == {"type": "adaptive", "display": "omitted"}
    assert sent["system"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert (await model.capabilities(name)).known
    await model.aclose()


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    pytest.importorskip("boto3")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


async def test_amazon_with_keys(amazon: pytest.MonkeyPatch, api: Claude) -> None:
    amazon.setenv("AWS_ACCESS_KEY_ID", "AKIDNOBODY")
    amazon.setenv("AWS_SECRET_ACCESS_KEY", "nobodys-secret")
    await assert_speaks(make_model("bedrock", base_url=api.url), BEDROCK_MODEL, api)
    first = api.requests[0]
    assert first["path"] == f"/model/{BEDROCK_MODEL}/invoke-with-response-stream"
    signed = first["headers"]["authorization"]
    assert signed.startswith("AWS4-HMAC-SHA256 Credential=AKIDNOBODY/")
    assert "/eu-central-1/bedrock/aws4_request" in signed
    assert "nobodys-secret" not in json.dumps(api.requests)


async def test_amazon_with_a_bearer_token(amazon: pytest.MonkeyPatch, api: Claude) -> None:
    amazon.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-key")
    await assert_speaks(make_model("bedrock", base_url=api.url), BEDROCK_MODEL, api)
    assert api.requests[0]["headers"]["authorization"] == "Bearer bedrock-key"


async def test_amazon_without_credentials(amazon: pytest.MonkeyPatch, api: Claude) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        amazon.delenv(name, raising=False)
    amazon.setenv("AWS_REGION", "eu-west-3")  # the SDK remembers credentials by region
    model = make_model("bedrock", base_url=api.url)
    with pytest.raises(BadKey, match="cannot be used"):
        await model.ask(question(model=BEDROCK_MODEL))
    await model.aclose()
    assert api.requests == []


async def test_amazon_without_a_region(amazon: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        amazon.delenv(name, raising=False)
    with pytest.raises(BadKey, match="region"):
        await make_model("bedrock").ask(question(model=BEDROCK_MODEL))


class _Tokens(http.server.BaseHTTPRequestHandler):
    """Where Google's client gets a token for its service account."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"access_token": "google-token", "expires_in": 3600, "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    pytest.importorskip("google.auth")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Tokens) as tokens:
        threading.Thread(target=tokens.serve_forever, daemon=True).start()
        account = {
            "type": "service_account",
            "project_id": "planning",
            "private_key_id": "1",
            "private_key": key.decode(),
            "client_email": "bot@planning.example",
            "token_uri": f"http://127.0.0.1:{tokens.server_address[1]}/token",
        }
        path = tmp_path / "account.json"
        path.write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        monkeypatch.setenv("CLOUD_ML_REGION", "europe-west1")
        monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "planning")
        yield
        tokens.shutdown()


async def test_google(google: None, api: Claude) -> None:
    await assert_speaks(make_model("vertex", base_url=api.url), "claude-opus-5-5", api)
    first = api.requests[0]
    models = "/projects/planning/locations/europe-west1/publishers/anthropic/models"
    assert first["path"] == f"{models}/claude-opus-5-5:streamRawPredict"
    assert first["headers"]["authorization"] == "Bearer google-token"


async def test_google_without_credentials(google: None, api: Claude, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere")
    model = make_model("vertex", base_url=api.url)
    with pytest.raises(BadKey, match="nowhere"):
        await model.ask(question(model="claude-opus-5-5"))
    await model.aclose()
    assert api.requests == []
