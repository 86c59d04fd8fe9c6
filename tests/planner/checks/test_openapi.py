"""OpenAPI: what is a fault, what is none, where it is told, and that nothing is ever fetched or opened."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from planner.check import check
from planner.checks import openapi
from planner.findings import At, Finding
from planner.openapi.keywords import TYPES
from planner.subject import Fence, Subject, kinds_of
from tests.planner.checks.seeding.openapi import BASE


def fence(content: str) -> Fence:
    return Fence(
        kinds=kinds_of("openapi", content),
        language="openapi",
        content=content,
        at=At(block="artefacts.A1", line=1),
    )


def looked(content: str) -> list[Finding]:
    return list(openapi.look(fence(content), Subject(markdown="")))


def with_schema(schema: str, version: str = "3.1.0") -> str:
    indented = "\n".join(f"      {line}" for line in schema.strip().split("\n"))
    head = f"openapi: {version}\ninfo: {{title: a, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n    A:\n"
    return f"{head}{indented}\n"


def with_operation(operation: str, version: str = "3.1.0", path: str = "/a") -> str:
    indented = "\n".join(f"      {line}" for line in operation.strip().split("\n"))
    head = f"openapi: {version}\ninfo: {{title: a, version: '1'}}\npaths:\n  {path}:\n    get:\n{indented}\n"
    return head if "responses" in operation else f"{head}      responses: {{'200': {{description: a}}}}\n"


GOOD = {
    "a whole document": BASE,
    "3.0": BASE.replace("3.1.0", "3.0.3"),
    "3.2": BASE.replace("3.1.0", "3.2.0"),
    "what is no OpenAPI document that can be read": "openapi: [",
    "webhooks alone": "openapi: 3.1.0\ninfo: {title: a, version: '1'}\nwebhooks:\n  a:\n    post: {}\n",
    "components alone": "openapi: 3.1.0\ninfo: {title: a, version: '1'}\ncomponents: {}\n",
    "paths that differ by their slash": (
        "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a: {}\n  /a/: {}\n"
    ),
    "a property that is called $ref": with_schema("properties:\n  $ref: {type: string}\n  allOf: {type: string}"),
    "an example that holds a $ref": with_schema("example: {$ref: '#/nothing'}"),
    "an extension that holds a $ref": with_schema("x-a: {$ref: '#/nothing'}"),
    "required, and the property in allOf": with_schema("required: [b]\nproperties: {}\nallOf: [{properties: {b: {}}}]"),
    "required, and the property in whoever extends it": with_schema("required: [b]\nproperties: {}\n")
    + "    B:\n      allOf:\n        - $ref: '#/components/schemas/A'\n        - properties: {b: {}}\n",
    "required in a branch": with_schema(
        "properties: {b: {}}\nanyOf: [{required: [b]}, {required: [c], properties: {}}]"
    ),
    "required where anything goes": with_schema("required: [b]\nproperties: {}\nadditionalProperties: true"),
    "a schema that holds itself in a list": with_schema(
        "properties:\n  children: {type: array, items: {$ref: '#/components/schemas/A'}}"
    ),
    "an anchor": with_schema("$anchor: here\nproperties: {b: {$ref: '#here'}}"),
    "booleans as schemas": with_schema("properties: {a: true, b: false}\nitems: true"),
    "nullable in 3.0": with_schema("type: string\nnullable: true\nexample: null\nenum: [a, null]", "3.0.3"),
    "null among types": with_schema("type: [string, 'null']\nexamples: [null, a]\ndefault: null"),
    "an example of one of several forms": with_schema("oneOf: [{type: integer}, {type: string}]\nexample: a"),
    "an example without what is only read": with_schema(
        "required: [id]\nproperties: {id: {type: string, readOnly: true}}\nexample: {}"
    ),
    "a text as the example of an object": with_schema("type: object\nexample: file=@report.pdf"),
    "a pattern that never ends is not tried": with_schema(f"type: string\npattern: '^(a+)+$'\nexample: {'a' * 60}b"),
    "a whole number as a fraction": with_schema("type: integer\nexample: 1.0"),
    "an example of XML": with_operation(
        "responses:\n  '200':\n    description: a\n    content:\n      application/xml:\n"
        "        schema: {type: object}\n        example: <a/>"
    ),
    "ranges of codes": with_operation("responses:\n  2XX: {description: a}\n  default: {description: a}\n  x-a: 1"),
    "codes without quotes": with_operation("responses:\n  200: {description: a}"),
    "no responses in 3.1": "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {/a: {get: {}}}\n",
    "a header and a query parameter of one name": with_operation(
        "parameters:\n  - {name: a, in: query, schema: {}}\n  - {name: a, in: header, schema: {}}"
    ),
    "several parameters in one part of a path": with_operation(
        "parameters:\n  - {name: b, in: path, required: true, schema: {}}\n"
        "  - {name: c, in: path, required: true, schema: {}}",
        path="/a/{b}.{c}",
    ),
    "no security": with_operation("security: [{}]"),
    "a security scheme by its address, in 3.2": with_operation("security: [{'#/components/x': []}]", "3.2.0"),
    "any value for a link": with_operation(
        "operationId: a\nresponses:\n  '200':\n    description: a\n    links:\n"
        "      next: {operationId: a, parameters: {page: 2}}"
    ),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_what_is_right_is_left_alone(content: str) -> None:
    assert not looked(content)


FAULTS = {
    "no mapping": (
        "- openapi: 3.1.0\n",
        ("schema", 1, "An OpenAPI document is a mapping with `openapi`, `info` and `paths`."),
    ),
    "Swagger": ('swagger: "2.0"\n', ("version", 1, "This is Swagger `2.0`, which OpenAPI has replaced.")),
    "no version": ("paths: {}\n", ("version", 1, "The document does not say which OpenAPI it is.")),
    "two numbers": ("openapi: 3.1\n", ("version", 1, "`3.1` is no version of OpenAPI: it has three numbers.")),
    "a version to come": ("openapi: 3.9.0\n", ("version", 1, "There is no OpenAPI `3.9.0`.")),
    "nothing": ("openapi: 3.1.0\ninfo: {}\n", ("nothing", 1, "The document has no `paths`.")),
    "a reference to nothing": (
        with_schema("$ref: '#/components/schemas/B'"),
        ("dangling-ref", 7, "`#/components/schemas/B` leads nowhere."),
    ),
    "a discriminator that leads to nothing": (
        with_schema("discriminator:\n  propertyName: a\n  mapping:\n    b: '#/components/schemas/B'"),
        ("dangling-ref", 10, "`#/components/schemas/B` leads nowhere."),
    ),
    "a link to no operation": (
        with_operation("operationId: a\nresponses:\n  '200':\n    description: a\n    links: {b: {operationId: c}}"),
        ("dangling-ref", 10, "The link `b` leads to the operation `c`, which is not there."),
    ),
    "a reference to another file": (
        with_schema("$ref: other.yaml#/A"),
        ("remote-ref", 7, "`other.yaml#/A` lies outside the document, where it is not looked up."),
    ),
    "a schema as a parameter": (
        with_schema("{}") + "  parameters:\n    B: {$ref: '#/components/schemas/A'}\n",
        ("wrong-ref", 9, "`#/components/schemas/A` is a schema, and a parameter is wanted here."),
    ),
    "a ring": (
        with_schema("$ref: '#/components/schemas/B'") + "    B: {$ref: '#/components/schemas/A'}\n",
        ("ring", 7, "`#/components/schemas/B` leads back to the schema `A` without end."),
    ),
    "a path without its slash": (
        "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  a: {}\n",
        ("schema", 4, "The path `a` does not begin with `/`."),
    ),
    "a method there is not": (
        with_operation("a: {}").replace("    get:", "    gett:").replace("      a: {}\n", ""),
        ("schema", 5, "The path `/a` has a field `gett` that the specification does not know."),
    ),
    "no description": (
        with_operation("responses:\n  '200':\n    descripton: a"),
        ("schema", 8, "The response `200` of `GET /a` has a field `descripton` that the specification does not know."),
    ),
    "nothing where something is wanted": (
        with_operation("parameters:"),
        ("schema", 6, "`parameters` in `GET /a` is empty, and should be a list."),
    ),
    "a schema without a media type": (
        with_operation("responses:\n  '200':\n    description: a\n    content:\n      schema: {type: string}"),
        ("schema", 10, "`schema` is no media type, in `content` in the response `200` of `GET /a`."),
    ),
    "a name that is no name": (
        with_schema("{}").replace("    A:", "    A b:"),
        ("schema", 6, "`A b` is no name for what stands in `components.schemas`."),
    ),
    "beside a reference": (
        with_operation("responses: {'200': {$ref: '#/components/responses/A', content: {}}}")
        + "components: {responses: {A: {description: a}}}\n",
        ("schema", 6, "The response `200` of `GET /a` has `content` beside its `$ref`, where it counts for nothing."),
    ),
    "two ways to say what a parameter is": (
        with_operation("parameters:\n  - {name: a, in: query, schema: {}, content: {a/b: {}}}", "3.0.3"),
        ("schema", 7, "The parameter `a` of `GET /a` has `schema` and `content`, of which only one may be there."),
    ),
    "a type there is not": (
        with_schema("type: uuid"),
        ("schema", 7, f"`type` in the schema `A` should be one of {', '.join(TYPES)}, not `uuid`."),
    ),
    "a type of 3.1 in 3.0": (
        with_schema("type: [string, 'null']", "3.0.3"),
        ("schema", 7, '`type` in the schema `A` should be a text, not `["string", "null"]`.'),
    ),
    "a keyword of 3.1 in 3.0": (
        with_schema("const: a", "3.0.3"),
        ("schema", 7, "The schema `A` has a field `const` that the specification does not know."),
    ),
    "required is no list": (
        with_schema("required: true"),
        ("schema", 7, "`required` in the schema `A` should be a list of property names, not `true`."),
    ),
    "an empty choice": (
        with_schema("oneOf: []"),
        ("schema", 7, "`oneOf` in the schema `A` should be a list of schemas, not empty, not `[]`."),
    ),
    "required and not there": (
        with_schema("required: [nam]\nproperties: {name: {}}"),
        ("required", 7, "The schema `A` requires `nam`, which is not among its properties."),
    ),
    "an array of nothing in 3.0": (
        with_schema("type: array", "3.0.3"),
        ("array-items", 6, "The schema `A` is an array and does not say of what."),
    ),
    "an array of nothing in 3.1": (
        with_schema("type: array"),
        ("array-items", 6, "The schema `A` is an array and does not say of what."),
    ),
    "bounds that cross": (
        with_schema("minimum: 2\nmaximum: 1"),
        ("bounds", 7, "Nothing fits the schema `A`: its `minimum` is above its `maximum`."),
    ),
    "nullable in 3.1": (
        with_schema("type: string\nnullable: true"),
        ("nullable", 8, "`nullable` says nothing any more since 3.1, in the schema `A`."),
    ),
    "an example of another type": (
        with_schema("type: object\nproperties: {n: {type: integer}}\nexample: {n: [1]}"),
        ("example", 9, "The example of the schema `A` does not fit its schema: `[1]` is not of type integer."),
    ),
    "an example that may not have a field": (
        with_schema("properties: {}\nadditionalProperties: false\nexample: {n: 1}"),
        ("example", 9, "The example of the schema `A` does not fit its schema: it may not have `n`."),
    ),
    "a default beyond a bound": (
        with_schema("type: integer\nmaximum: 100\ndefault: 500"),
        ("example", 9, "The default of the schema `A` does not fit its schema: `500` is above its `maximum`, 100."),
    ),
    "an enum of another type": (
        with_schema("type: integer\nenum:\n  - 1\n  - []"),
        ("example", 10, "A value in the enum of the schema `A` does not fit its schema: `[]` is not of type integer."),
    ),
    "one path twice": (
        "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /{a}: {}\n  /{b}: {}\n",
        ("duplicate-path", 5, "`/{b}` and `/{a}` are one path under two names."),
    ),
    "a path parameter that is not declared": (
        with_operation("tags: []", path="/{b}"),
        ("path-parameter", 4, "`/{b}` does not declare its path parameter `b`."),
    ),
    "a path parameter of another name": (
        with_operation("parameters:\n  - {name: id, in: path, required: true, schema: {}}", path="/{b}"),
        ("path-parameter", 7, "The path `/{b}` has `{b}`, and the parameter that is declared is `id`."),
    ),
    "a path parameter too many": (
        with_operation("parameters:\n  - {name: id, in: path, required: true, schema: {}}"),
        ("path-parameter", 7, "The path parameter `id` is declared, and `/a` does not have it."),
    ),
    "a parameter twice": (
        with_operation("parameters:\n  - {name: b, in: query, schema: {}}\n  - {name: b, in: query, schema: {}}"),
        ("duplicate-parameter", 8, "The query parameter `b` stands twice in `GET /a`."),
    ),
    "a code there is not": (
        with_operation("responses:\n  '2000': {description: a}"),
        ("response-code", 7, "`2000` is no response code."),
    ),
    "an operation id twice": (
        with_operation("operationId: a") + "    put: {operationId: a}\n",
        ("operation-id", 8, "The operation id `a` is used for `GET /a` and `PUT /a`."),
    ),
    "a security scheme that is not defined": (
        with_operation("security: [{bearer: []}]"),
        ("security-scheme", 6, "The security scheme `bearer` is used and not defined."),
    ),
    "a variable of a server": (
        with_operation("servers: [{url: 'https://{a}.example.com'}]"),
        ("server-variable", 6, "The server address `https://{a}.example.com` has a variable `a` that is not defined."),
    ),
}


@pytest.mark.parametrize(("content", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_once_and_where_it_is(content: str, expected: tuple[str, int, str]) -> None:
    rule, line, said = expected
    assert [(each.rule, each.at.line, each.message) for each in looked(content)] == [(f"openapi/{rule}", line, said)]


def test_every_rule_has_its_fault() -> None:
    assert {rule for _, (rule, _, _) in FAULTS.values()} | {"too-large"} == set(openapi.RULES)


WARNINGS = {"a reference to another file", "an array of nothing in 3.1", "nullable in 3.1", "a variable of a server"}


@pytest.mark.parametrize("name", FAULTS)
def test_what_may_be_as_it_should_is_a_warning(name: str) -> None:
    assert {each.level for each in looked(FAULTS[name][0])} == {"warning" if name in WARNINGS else "error"}


@pytest.mark.parametrize(
    ("schema", "value"), [("type: integer", "'12'"), ("type: string", "12"), ("type: boolean", "'true'")]
)
def test_quotes_around_a_default_are_worth_a_warning(schema: str, value: str) -> None:
    found = looked(with_schema(f"{schema}\ndefault: {value}"))
    assert [(each.rule, each.level) for each in found] == [("openapi/example", "warning")]


HINTS = {
    "a name nearly there": (
        with_schema("properties: {b: {$ref: '#/components/schemas/Aa'}}").replace("    A:", "    Aaa:"),
        "Did you mean `#/components/schemas/Aaa`?",
    ),
    "what there is": (
        with_schema("properties: {b: {$ref: '#/components/schemas/Order'}}"),
        "Define it; `components.schemas` has `A`.",
    ),
    "Swagger's place": (
        with_schema("properties: {b: {$ref: '#/definitions/A'}}"),
        "Write `#/components/schemas/A`; `definitions` is Swagger 2.0's.",
    ),
    "a bare name": (with_schema("properties: {b: {$ref: A}}"), "Write `#/components/schemas/A`."),
    "a sign too few": (
        with_schema("properties: {b: {$ref: /components/schemas/A}}"),
        "Write `#/components/schemas/A`.",
    ),
    "a field nearly there": (
        with_operation("summry: a", "3.0.3"),
        "Did you mean `summary`?",
    ),
    "a format": (with_schema("type: datetime"), "Write `type: string` with `format: date-time`."),
    "another language's type": (with_schema("type: int"), "Write `type: integer`."),
    "a bound of 3.0": (with_schema("exclusiveMinimum: true"), "Since 3.1 it is the bound itself: a number."),
    "a field of 3.1": (with_schema("const: a", "3.0.3"), "OpenAPI 3.1 has it; begin with `openapi: 3.1.0`."),
    "a body": (
        with_operation("parameters: [{name: a, in: body, schema: {}}]"),
        "A body is written in `requestBody`.",
    ),
    "quotes": (BASE.replace('version: "1"', "version: 1.5"), 'Put it in quotes: `"1.5"`.'),
}


@pytest.mark.parametrize(("content", "hint"), HINTS.values(), ids=HINTS.keys())
def test_a_fault_comes_with_what_to_do(content: str, hint: str) -> None:
    assert [each.hint for each in looked(content)] == [hint]


def test_faults_of_one_kind_are_told_together_by_name_and_line() -> None:
    content = BASE.partition("components:")[0]
    said = [each.message for each in looked(content) if each.rule == "openapi/dangling-ref"]
    others = (
        "`#/components/schemas/NewOrder` in line 35, `#/components/responses/Problem` in lines 40, 59, it in line 57"
    )
    assert said == [f"`#/components/schemas/Order` leads nowhere. The same holds for {others}."]


def test_what_is_written_as_json_is_told_by_line() -> None:
    document = {"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {"/a": {"get": {"tags": "a"}}}}
    found = looked(json.dumps(document, indent=1))
    assert [(each.rule, each.at.line) for each in found] == [("openapi/schema", 10)]


def test_each_document_of_several_is_looked_at() -> None:
    found = looked(f"{BASE}---\na: 1\n---\n{BASE.replace('title: Orders', 'name: Orders')}")
    assert {each.rule for each in found} == {"openapi/schema"}
    assert min(each.at.line for each in found) > BASE.count("\n")


def test_a_key_that_stands_twice_is_told_by_the_check_of_notations_alone() -> None:
    assert not looked(BASE.replace("  /orders/{orderId}:\n", "  /orders:\n"))


# --- nothing is fetched ----------------------------------------------------------------------------------------------


@pytest.fixture(name="server")
def _server() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback, its address, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


REMOTE = ("$ref", "$schema", "$id", "$dynamicRef", "externalValue", "operationRef")


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize("key", REMOTE)
def test_nothing_is_asked_of_a_server(server: tuple[str, list[str]], key: str, version: str) -> None:
    address, asked = server
    document = BASE.replace("3.1.0", version).replace(
        "              type: string\n", f"              {key}: {address}/a\n"
    )
    looked(f"jsonSchemaDialect: {address}/b\n$self: {address}/c\n{document}")
    looked(with_schema(f"{key}: {address}/a\nexample: 1\nallOf: [{{$ref: '{address}/d'}}]", version))
    assert not asked


@pytest.mark.parametrize("path", ["/etc/passwd", "file:///etc/passwd", "../../../../etc/passwd"])
def test_no_file_is_opened(path: str, tmp_path: Path) -> None:
    del tmp_path
    found = looked(with_schema(f"properties: {{b: {{$ref: '{path}'}}}}\nexample: {{b: 1}}"))
    assert [(each.rule, each.level) for each in found] == [("openapi/remote-ref", "warning")]
    assert "root:" not in found[0].message


# --- bounds ----------------------------------------------------------------------------------------------------------


def document(**more: object) -> str:
    return json.dumps({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}, **more})


def doubling(length: int) -> dict[str, object]:
    made: dict[str, object] = {
        f"A{at}": {"allOf": [{"$ref": f"#/components/schemas/A{at + 1}"}] * 2} for at in range(length)
    }
    return {**made, f"A{length}": {"type": "string"}, "B": {"example": 1, "$ref": "#/components/schemas/A0"}}


def nested(key: str, depth: int) -> object:
    made: object = {"type": "string"}
    for _ in range(depth):
        made = {key: [made]} if key == "allOf" else {"properties": {"a": made}}
    return made


HOSTILE = {
    "many paths": document(paths={f"/a{at}/{{b}}": {} for at in range(10_000)}),
    "paths of one template": document(paths={f"/{{a{at}}}": {} for at in range(5_000)}),
    "many operations": document(
        paths={f"/a{at}": {"get": {"responses": {"200": {"description": "a"}}}} for at in range(1_200)}
    ),
    "operations with one id": document(paths={f"/a{at}": {"get": {"operationId": "a"}} for at in range(3_000)}),
    "a loop": document(
        components={"schemas": {f"A{at}": {"$ref": f"#/components/schemas/A{(at + 1) % 2_000}"} for at in range(2_000)}}
    ),
    "a long chain": document(
        components={"schemas": {f"A{at}": {"$ref": f"#/components/schemas/A{at + 1}"} for at in range(2_000)}}
    ),
    "allOf that doubles": document(components={"schemas": doubling(60)}),
    "deep allOf": document(components={"schemas": {"A": nested("allOf", 40)}}),
    "deep properties": document(components={"schemas": {"A": nested("properties", 40)}}),
    "deep properties in 3.0": document(components={"schemas": {"A": nested("properties", 40)}}).replace(
        "3.1.0", "3.0.3"
    ),
    "references to nothing": document(
        components={"schemas": {f"A{at}": {"$ref": f"#/components/schemas/{'x' * 20}{at}"} for at in range(2_500)}}
    ),
    "many forms of one example": document(
        components={"schemas": {"A": {"anyOf": [{"type": "string"}] * 3_000, "examples": [[1] * 1_000] * 20}}}
    ),
    "an enum of many": document(components={"schemas": {"A": {"type": "string", "enum": [*range(20_000)]}}}),
    "required of many": document(
        components={
            "schemas": {
                "A": {
                    "required": [f"a{at}" for at in range(5_000)],
                    "properties": {f"b{at}": {} for at in range(3_000)},
                }
            }
        }
    ),
    "unknown fields": document(**{f"a{at}": 1 for at in range(8_000)}),
    "long names": document(paths={f"/{'a' * 90_000}": {"get": {"x" * 90_000: 1}}}),
    "nothing but braces": "openapi: 3.1.0\npaths: {/" + "{" * 90_000 + "}: 1}",
    "braces in a path": document(paths={"/" + "{" * 60_000: {}, "/" + "{}" * 30_000: {}}),
    "aliases": "openapi: 3.1.0\ninfo: {title: a, version: '1'}\nx: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    + "".join(f"x{at}: &a{at} [{', '.join([f'*a{at - 1}' if at else '*a'] * 9)}]\n" for at in range(9)),
    "surrogates": document(paths={"/\ud800": {"get": {"operationId": "\udfff"}}}),
    "numbers that are none": with_schema("minimum: .inf\nmaxLength: 1e999\nmultipleOf: .nan"),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_end_in_findings(content: str) -> None:
    own = fence(content)
    report = check(Subject(markdown="", fences=(own,)))
    found = [each for each in report.findings if each.rule.startswith("openapi/")]
    assert len(found) <= 20
    assert not [each.rule for each in found if each.rule.endswith("/broken")]


def test_a_document_of_too_many_parts_is_said_not_to_be_looked_at() -> None:
    many = {f"A{at}": {} for at in range(8_001)}
    assert [each.rule for each in looked(document(components={"schemas": many}))] == ["openapi/too-large"]


def test_a_document_that_is_too_deep_is_said_not_to_be_looked_at() -> None:
    found = looked(document(components={"schemas": {"A": nested("properties", 45)}}).replace("3.1.0", "3.0.3"))
    assert {each.rule for each in found} <= {"openapi/too-large"}
