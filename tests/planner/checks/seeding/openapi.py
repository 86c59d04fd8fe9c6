"""Makes `faults/openapi.jsonl`: mutants of the good documents that two other validators refuse, and faults by hand.

Run by hand: `python -m tests.planner.checks.seeding.openapi FOLDER`, where FOLDER has `npm install
@seriousme/openapi-schema-validator @readme/openapi-parser js-yaml` done.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from random import Random

from tests.planner.checks.corpus import Fault, write_faults
from tests.planner.checks.seeding.choosing import chosen
from tests.planner.checks.seeding.mutation import Mutation, cut_end, drop_line, drop_mark, swap_tokens
from tests.planner.checks.seeding.truth import told

_KEY = re.compile(r"^(\s*(?:- )?)([A-Za-z$]+)(:)", re.MULTILINE)
_REFERENCE = re.compile(r"""(\$ref: ["']?#/\w+/\w+/)(\w+)""")
_WORD = re.compile(r"^(\s*(?:- )?(?:type|in|style|scheme|openapi|required|format): )(\S+)$", re.MULTILINE)


def rename_key(random: Random, text: str) -> tuple[str, str] | None:
    """Misspell a key."""
    found = list(_KEY.finditer(text))
    if not found:
        return None
    match = random.choice(found)
    new = match[2][:-1] + match[2][-1:].swapcase() + "x"
    line = text.count("\n", 0, match.start(2)) + 1
    return f"`{match[2]}` renamed `{new}` in line {line}", text[: match.start(2)] + new + text[match.end(2) :]


def retarget(random: Random, text: str) -> tuple[str, str] | None:
    """Let a reference lead elsewhere."""
    found = list(_REFERENCE.finditer(text))
    if not found:
        return None
    match = random.choice(found)
    line = text.count("\n", 0, match.start()) + 1
    return f"`{match[2]}` retargeted in line {line}", text[: match.start(2)] + match[2] + "2" + text[match.end(2) :]


def other_word(random: Random, text: str) -> tuple[str, str] | None:
    """Give a field a value that it does not have."""
    found = list(_WORD.finditer(text))
    if not found:
        return None
    match = random.choice(found)
    new = random.choice(["strin", "bodyy", "42", "[]", "yes please"])
    line = text.count("\n", 0, match.start(2)) + 1
    return f"`{match[2]}` turned into `{new}` in line {line}", text[: match.start(2)] + new + text[match.end(2) :]


MUTATIONS: tuple[Mutation, ...] = (
    *(rename_key, rename_key, retarget, retarget, other_word, other_word),
    *(drop_line, drop_line, drop_mark, swap_tokens, cut_end),
)

BASE = """\
openapi: 3.1.0
info:
  title: Orders
  version: "1"
servers:
  - url: https://api.example.com/v1
security:
  - bearer: []
paths:
  /orders:
    get:
      operationId: listOrders
      summary: The caller's orders
      parameters:
        - name: cursor
          in: query
          schema:
            type: string
      responses:
        "200":
          description: A page of orders
          content:
            application/json:
              schema:
                type: array
                items:
                  $ref: "#/components/schemas/Order"
    post:
      operationId: createOrder
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/NewOrder"
      responses:
        "201":
          description: Made
        "422":
          $ref: "#/components/responses/Problem"
  /orders/{orderId}:
    parameters:
      - name: orderId
        in: path
        required: true
        schema:
          type: string
          format: uuid
    get:
      operationId: getOrder
      responses:
        "200":
          description: The order
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Order"
        "404":
          $ref: "#/components/responses/Problem"
components:
  securitySchemes:
    bearer:
      type: http
      scheme: bearer
  responses:
    Problem:
      description: What went wrong
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
  schemas:
    NewOrder:
      type: object
      required: [items]
      properties:
        items:
          type: array
          items:
            type: string
    Order:
      allOf:
        - $ref: "#/components/schemas/NewOrder"
        - type: object
          required: [id, status]
          properties:
            id:
              type: string
            status:
              type: string
              enum: [open, paid]
    Problem:
      type: object
      required: [title]
      properties:
        title:
          type: string
"""

HAND: tuple[tuple[str, str, str, str], ...] = (
    (
        "a schema that is not there",
        'schemas/NewOrder"\n      responses',
        'schemas/OrderInput"\n      responses',
        "dangling-ref",
    ),
    (
        "a response that is not there",
        'responses/Problem"\n  /orders',
        'responses/Error"\n  /orders',
        "dangling-ref",
    ),
    (
        "a reference in allOf to nothing",
        'schemas/NewOrder"\n        - type',
        'schemas/BaseOrder"\n        - type',
        "dangling-ref",
    ),
    (
        "a security scheme that is not defined",
        "  - bearer: []",
        "  - bearerAuth: []",
        "security-scheme",
    ),
    (
        "required names a property that is not there",
        "required: [items]",
        "required: [items, total]",
        "required",
    ),
    (
        "required with another spelling",
        "required: [title]",
        "required: [Title]",
        "required",
    ),
    (
        "one path twice, under other names",
        "  /orders/{orderId}:\n",
        (
            "  /orders/{id}:\n"
            "    get:\n"
            "      operationId: other\n"
            "      parameters:\n"
            "        - name: id\n"
            "          in: path\n"
            "          required: true\n"
            "          schema:\n"
            "            type: string\n"
            "      responses:\n"
            '        "200":\n'
            "          description: x\n"
            "  /orders/{orderId}:\n"
        ),
        "duplicate-path",
    ),
    (
        "a response code that is none",
        '"201":',
        '"2001":',
        "response-code",
    ),
    (
        "a response code in words",
        '"404":',
        "notFound:",
        "response-code",
    ),
    (
        "a path parameter that is not declared",
        "/orders/{orderId}:",
        "/orders/{order_id}:",
        "path-parameter",
    ),
    (
        "a parameter more in the path",
        "/orders/{orderId}:",
        "/shops/{shopId}/orders/{orderId}:",
        "path-parameter",
    ),
    (
        "an operation id twice",
        "operationId: getOrder",
        "operationId: createOrder",
        "operation-id",
    ),
    (
        "swagger",
        "openapi: 3.1.0",
        'swagger: "2.0"',
        "version",
    ),
    (
        "a version there is not",
        "openapi: 3.1.0",
        "openapi: 4.0.0",
        "version",
    ),
    (
        "no version",
        "openapi: 3.1.0\n",
        "",
        "version",
    ),
    (
        "a type there is not",
        "              type: string\n            status",
        "              type: uuid\n            status",
        "schema",
    ),
    (
        "a method there is not",
        "    post:\n",
        "    create:\n",
        "schema",
    ),
    (
        "a parameter in the body",
        "in: query",
        "in: body",
        "schema",
    ),
    (
        "responses under another name",
        '      responses:\n        "201"',
        '      response:\n        "201"',
        "schema",
    ),
    (
        "content without a media type",
        "            application/json:\n              schema:\n                $ref",
        "            schema:\n                $ref",
        "schema",
    ),
    (
        "a schema beside content",
        "      requestBody:\n        required: true\n",
        "      requestBody:\n        required: true\n        schema: {}\n",
        "schema",
    ),
    (
        "an enum that is a text",
        "enum: [open, paid]",
        "enum: open, paid",
        "schema",
    ),
    (
        "info without a title",
        "  title: Orders\n",
        "",
        "schema",
    ),
    (
        "a schema where a response is wanted",
        '$ref: "#/components/responses/Problem"\n  /orders',
        '$ref: "#/components/schemas/Problem"\n  /orders',
        "wrong-ref",
    ),
    (
        "a reference that is a bare name",
        '$ref: "#/components/schemas/NewOrder"\n      responses',
        "$ref: NewOrder\n      responses",
        "dangling-ref",
    ),
    (
        "a reference as in Swagger",
        '$ref: "#/components/schemas/NewOrder"\n      responses',
        '$ref: "#/definitions/NewOrder"\n      responses',
        "dangling-ref",
    ),
    (
        "a schema that is part of itself",
        "      allOf:\n",
        '      allOf:\n        - $ref: "#/components/schemas/Order"\n',
        "ring",
    ),
    (
        "nullable, which 3.1 does not have",
        "              enum: [open, paid]",
        "              nullable: true",
        "nullable",
    ),
    (
        "an example that is not in the enum",
        "              enum: [open, paid]",
        "              enum: [open, paid]\n              example: closed",
        "example",
    ),
    (
        "a default of another type",
        "      required: [title]\n",
        "      required: [title]\n      default: []\n",
        "example",
    ),
    (
        "an example without what is required",
        '              $ref: "#/components/schemas/NewOrder"\n',
        '              $ref: "#/components/schemas/NewOrder"\n            example: {note: quick}\n',
        "example",
    ),
    (
        "bounds that cross",
        "          items:\n            type: string\n    Order",
        "          minItems: 10\n          maxItems: 1\n          items:\n            type: string\n    Order",
        "bounds",
    ),
    (
        "a bound that is true, as in 3.0",
        "          items:\n            type: string\n    Order",
        "          items:\n            type: number\n            exclusiveMinimum: true\n    Order",
        "schema",
    ),
    (
        "required on a property",
        "            id:\n              type: string\n",
        "            id:\n              type: string\n              required: true\n",
        "schema",
    ),
    (
        "a property that is only a type",
        "            id:\n              type: string\n",
        "            id: string\n",
        "schema",
    ),
    (
        "a parameter twice",
        "        - name: cursor\n",
        (
            "        - name: cursor\n"
            "          in: query\n"
            "          schema:\n"
            "            type: integer\n"
            "        - name: cursor\n"
        ),
        "duplicate-parameter",
    ),
    (
        "a variable in the address of a server",
        "https://api.example.com/v1",
        "https://{region}.example.com/v1",
        "server-variable",
    ),
    (
        "a path parameter that is not required",
        "        required: true\n        schema:\n          type: string\n          format: uuid",
        "        schema:\n          type: string\n          format: uuid",
        "schema",
    ),
    (
        "a path without its slash",
        "  /orders:\n",
        "  orders:\n",
        "schema",
    ),
    (
        "a version with two numbers",
        "openapi: 3.1.0",
        "openapi: 3.1",
        "version",
    ),
    (
        "a version of the interface that is a fraction",
        'version: "1"',
        "version: 1.0",
        "schema",
    ),
)


def by_hand() -> list[Fault]:
    """What models get wrong, one at a time."""
    made: list[Fault] = []
    for number, (how, old, new, rule) in enumerate(HAND, 1):
        if BASE.count(old) != 1:
            raise AssertionError(f"{how}: stands {BASE.count(old)} times")
        made.append(
            Fault(
                id=f"hand-{number:02}",
                base="hand",
                how=how,
                mechanical=False,
                content=BASE.replace(old, new),
                rules=(f"openapi/{rule}",),
                truth="by construction, after the OpenAPI specification",
            )
        )
    return made


def main() -> None:
    """Ask the other validators, and write the faults."""
    folder = Path(sys.argv[1])
    mechanical = chosen(
        "openapi",
        lambda texts: told("openapi", texts, folder, "@seriousme/openapi-schema-validator"),
        seed=20261123,
        kept=40,
        of_each=10,
        most_chars=4_000,
        most_of_one=2,
        mutations=MUTATIONS,
    )
    write_faults("openapi", [*mechanical, *by_hand()])


if __name__ == "__main__":
    main()
