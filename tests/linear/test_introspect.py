"""`python -m linear.introspect`: a schema out, or one clear sentence."""

from __future__ import annotations

import asyncio
import io

import pytest
from graphql import build_schema, get_introspection_query, graphql_sync

from linear.introspect import Settings, main
from tests.linear.scripted import RESET, Script, Step, answer, error, html

SDL = 'type Query {\n  """Who."""\n  viewer(id: ID! = "x"): String @deprecated(reason: "no")\n}'


async def run(**settings: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = await asyncio.to_thread(main, Settings.model_validate(settings), out, err)
    return code, out.getvalue(), err.getvalue()


async def test_the_schema_comes_out_as_sdl(script: Script) -> None:
    schema = build_schema(SDL)
    result = graphql_sync(schema, get_introspection_query(input_value_deprecation=True))
    script.then(answer({"data": result.data}))
    code, out, err = await run(api_key="lin_api_k", api_url=script.url)
    assert (code, err, out.strip()) == (0, "", SDL)
    assert script.requests[0].headers["authorization"] == "lin_api_k"


async def test_without_a_key_it_names_the_setting() -> None:
    code, out, err = await run()
    assert (code, out) == (2, "")
    assert err.startswith("LINEAR_API_KEY is not set")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (error("Authentication required", http=401), "Authentication required"),
        (html(502), "a web page"),
        (RESET, "no answer"),
        (answer({"data": {"x": 1}}), "no GraphQL schema"),
        (answer([1]), "no answer"),
    ],
    ids=["key", "page", "reset", "no-schema", "a-list"],
)
async def test_what_goes_wrong_is_one_sentence(script: Script, reply: Step, said: str) -> None:
    script.then(reply)
    code, out, err = await run(api_key="lin_api_k", api_url=script.url)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert said in err
    assert "lin_api_k" not in err
