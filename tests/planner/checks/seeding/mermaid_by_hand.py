"""Diagrams as models get them wrong, written by hand. No I/O."""

from __future__ import annotations

from typing import NamedTuple


class ByHand(NamedTuple):
    """What is wrong, the diagram, the rules of ours that must find it, and our rule where Mermaid itself draws it."""

    how: str
    content: str
    rules: tuple[str, ...] = ("mermaid/syntax",)
    our_rule: str = ""


_HOUSE = "rule of this house: nothing in a diagram may link or load"
_EDGES = "\n".join(f"  a{number} --> b{number}" for number in range(501))

BY_HAND: dict[str, ByHand] = {
    "parentheses": ByHand(
        "parentheses in a label without quotes",
        """flowchart LR
  client[Web client] --> api[Orders API (Fargate)]
  api --> db[(orders)]""",
    ),
    "braces-in-path": ByHand(
        "a path with braces as a label",
        """flowchart TD
  gw[API Gateway] --> get[GET /users/{id}]
  get --> fn[Lambda]""",
    ),
    "parentheses-on-arrow": ByHand(
        "parentheses on an arrow",
        """flowchart LR
  api -->|POST (JSON)| queue
  queue --> worker""",
    ),
    "decision": ByHand(
        "parentheses in a decision",
        """flowchart TD
  a[Receive] --> b{Valid? (yes/no)}
  b -->|yes| c[Store]""",
    ),
    "cylinder": ByHand(
        "parentheses in a cylinder",
        """flowchart LR
  api --> db[(Orders DB (primary))]""",
    ),
    "end-as-node": ByHand(
        "a node named end",
        """flowchart TD
  start[Start] --> work[Work]
  work --> end[End]""",
    ),
    "end-as-target": ByHand(
        "an arrow to end",
        """flowchart LR
  start --> check
  check --> end""",
    ),
    "short-arrow": ByHand(
        "-> for -->",
        """flowchart LR
  web -> api
  api -> db""",
    ),
    "fat-arrow": ByHand(
        "=> for ==>",
        """flowchart LR
  web => api
  api --> db""",
    ),
    "typographic-arrow": ByHand(
        "an arrow as one character",
        """flowchart LR
  web → api
  api → db""",
    ),
    "quotes-inside": ByHand(
        "quotes in the middle of a label",
        """flowchart LR
  a[Set status to "shipped"] --> b[Notify]""",
    ),
    "space-in-id": ByHand(
        "a node id of two words",
        """flowchart LR
  API Gateway --> Order Service
  Order Service --> DynamoDB""",
    ),
    "colon-label": ByHand(
        "labels written as id: text",
        """flowchart LR
  A: API Gateway
  B: Lambda
  A --> B""",
    ),
    "missing-end": ByHand(
        "a subgraph without end",
        """flowchart TB
  subgraph vpc [VPC]
    api --> worker
  db[(orders)]
  worker --> db""",
    ),
    "subgraph-title": ByHand(
        "parentheses in the title of a subgraph",
        """flowchart TB
  subgraph AWS Account (prod)
    api --> worker
  end""",
    ),
    "unknown-direction": ByHand(
        "a direction that is none",
        """flowchart XX
  a --> b""",
        ("mermaid/direction",),
    ),
    "small-direction": ByHand(
        "a direction in small letters",
        """graph td
  a --> b""",
        ("mermaid/direction",),
    ),
    "inner-fence": ByHand(
        "a code fence inside the block",
        """```mermaid
flowchart LR
  a --> b
```""",
        ("mermaid/kind",),
    ),
    "prose-first": ByHand(
        "a sentence before the diagram",
        """The following diagram shows the flow:
flowchart LR
  a --> b""",
        ("mermaid/kind",),
    ),
    "no-kind": ByHand(
        "no word for the kind of diagram",
        """web --> api
api --> db""",
        ("mermaid/kind",),
    ),
    "misspelt-kind": ByHand(
        "a kind in other letters",
        """flowChart LR
  a --> b""",
        ("mermaid/kind",),
    ),
    "kind-of-plantuml": ByHand(
        "PlantUML instead of Mermaid",
        """@startuml
Alice -> Bob: hello
@enduml""",
        ("mermaid/kind",),
    ),
    "two-diagrams": ByHand(
        "two diagrams in one block",
        """flowchart LR
  a --> b

sequenceDiagram
  A->>B: hello""",
    ),
    "slashes-comment": ByHand(
        "a comment as in JavaScript",
        """flowchart LR
  a --> b // calls
  b --> c""",
    ),
    "comment-behind": ByHand(
        "a comment behind an arrow",
        """flowchart LR
  a --> b %% calls
  b --> c""",
    ),
    "list-of-arrows": ByHand(
        "dots for what is left out, in an arrow's place",
        """flowchart LR
  a --> b
  b ... c""",
    ),
    "line-style": ByHand(
        "a style for an arrow that there is not",
        """flowchart LR
  a --> b
  linkStyle 3 stroke:#f00""",
    ),
    "too-many-arrows": ByHand("501 arrows", f"flowchart LR\n{_EDGES}", ("mermaid/too-large",)),
    "message-without-colon": ByHand(
        "a message without its colon",
        """sequenceDiagram
  Client->>API: POST /orders
  API->>DB INSERT order
  DB-->>API: ok""",
    ),
    "unclosed-alt": ByHand(
        "alt without end",
        """sequenceDiagram
  Client->>API: POST /orders
  alt valid
    API->>DB: insert
  else invalid
    API-->>Client: 422""",
    ),
    "inactive": ByHand(
        "deactivation of somebody who is not active",
        """sequenceDiagram
  Client->>API: POST /orders
  API-->>-Client: 201""",
    ),
    "semicolon": ByHand(
        "a semicolon in a message",
        """sequenceDiagram
  API->>DB: BEGIN; INSERT order
  DB-->>API: ok""",
    ),
    "group-of-plantuml": ByHand(
        "group, as in PlantUML",
        """sequenceDiagram
  group checkout
  Client->>API: POST /orders
  end""",
    ),
    "note-to-nobody": ByHand(
        "a note without a participant",
        """sequenceDiagram
  Client->>API: POST /orders
  note over: retried three times""",
    ),
    "not-null": ByHand(
        "NOT NULL as a constraint",
        """erDiagram
  ORDER {
    uuid id PK
    text status DEFAULT 'new'
  }""",
    ),
    "type-with-spaces": ByHand(
        "a type of several words, with a bracket",
        """erDiagram
  ORDER {
    numeric(10, 2) total
    uuid id PK
  }""",
    ),
    "two-keys": ByHand(
        "two keys without a comma",
        """erDiagram
  LINE {
    uuid order_id PK FK
    int quantity
  }""",
    ),
    "sql-comment": ByHand(
        "a comment as in SQL",
        """erDiagram
  ORDER {
    uuid id PK -- from the client
    text status
  }""",
    ),
    "relation-without-label": ByHand(
        "a relation without a label",
        """erDiagram
  CUSTOMER ||--o{ ORDER
  ORDER ||--|{ LINE : has""",
    ),
    "cardinality": ByHand(
        "1--* for a cardinality",
        """erDiagram
  CUSTOMER 1--* ORDER : places""",
    ),
    "attribute-without-type": ByHand(
        "attributes without types",
        """erDiagram
  ORDER {
    id
    status
    total
  }""",
    ),
    "return-type": ByHand(
        "a return type behind a colon, outside of braces",
        """classDiagram
  class Order
  Order : +total() : Money""",
    ),
    "class-not-closed": ByHand(
        "a class without its last brace",
        """classDiagram
  class Order {
    +id: string
    +total() Money
  Order --> Line""",
    ),
    "class-arrow": ByHand(
        "-> between classes",
        """classDiagram
  Order -> Line""",
    ),
    "state-arrow": ByHand(
        "-> between states",
        """stateDiagram-v2
  [*] --> New
  New -> Paid""",
    ),
    "state-not-closed": ByHand(
        "a composite state without its brace",
        """stateDiagram-v2
  state Processing {
    [*] --> Validating
  Processing --> Done""",
    ),
    "note-to-no-state": ByHand(
        "a note to a state that is not there",
        """stateDiagram-v2
  [*] --> Paid
  note right of Refunded : by hand only""",
    ),
    "percent": ByHand(
        "percent signs in a pie",
        """pie title Traffic
  "reads" : 80%
  "writes" : 20%""",
    ),
    "week-numbers": ByHand(
        "a task without a start, after nothing",
        """gantt
  title Rollout
  section Build
  Schema : 3 days
  API : 5 days""",
    ),
    "front-matter": ByHand(
        "a colon in a title that is not quoted",
        """---
title: Orders: the flow
---
flowchart LR
  a --> b""",
    ),
    "click": ByHand(
        "a link on a node",
        """flowchart LR
  a[Docs] --> b[API]
  click a "https://example.com/docs" _blank""",
        ("mermaid/link",),
        _HOUSE,
    ),
    "image-tag": ByHand(
        "an image in a label",
        """flowchart LR
  a["<img src='https://example.com/x.png'/>"] --> b""",
        ("mermaid/link",),
        _HOUSE,
    ),
    "sequence-link": ByHand(
        "a link in a participant's menu",
        """sequenceDiagram
  participant API
  link API: Dashboard @ https://example.com/d
  Client->>API: GET /""",
        ("mermaid/link",),
        _HOUSE,
    ),
    "loose": ByHand(
        "a directive that switches protection off",
        """%%{init: {"securityLevel": "loose"}}%%
flowchart LR
  a --> b""",
        ("mermaid/settings",),
        "rule of this house: no diagram changes what Mermaid guards against",
    ),
    "theme-css": ByHand(
        "styles that load something",
        """---
config:
  themeCSS: ".node { background: url(https://example.com/x) }"
---
flowchart LR
  a --> b""",
        ("mermaid/settings",),
        "rule of this house: no diagram changes what Mermaid guards against",
    ),
    "nothing": ByHand(
        "a kind and nothing more",
        "flowchart LR",
        ("mermaid/empty",),
        "rule of this house: a diagram shows something",
    ),
    "empty": ByHand("an empty block", "%% to be drawn", ("mermaid/kind",)),
    "new-kind": ByHand(
        "a kind that Linear may not know",
        """architecture-beta
  group api(cloud)[API]
  service db(database)[Database] in api
  service server(server)[Server] in api
  db:L -- R:server""",
        ("mermaid/unstable-kind",),
        "rule of this house: Mermaid 10.9 does not draw it",
    ),
    "generic": ByHand(
        "a generic type that is read as HTML",
        """classDiagram
  class Order {
    +List<Line> lines
  }""",
        ("mermaid/hidden-text",),
        "Mermaid 12.3.0 in a browser: draws `+List lines`",
    ),
}
