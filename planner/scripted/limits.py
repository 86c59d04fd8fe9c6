"""The design for issues about rate limits. No I/O."""

from __future__ import annotations

from planner.scripted.design import Call, Choice, Design, Field, Flow, Hazard, Index, Part, Relation, Step

PATTERN = r"rate[- ]?limit\w*|throttl\w*|\b429\b|requests? per (second|minute|hour)|quota\w*|レート制限"

DESIGN = Design(
    name="rate limiting",
    gist=(
        "Each client gets a budget of requests. A limiter in front of the API counts them in shared memory and answers "
        "429 with the time to wait once the budget is used up. It counts silently first, then refuses."
    ),
    architecture=(
        "The limiter is a thin layer of the API itself, in front of every handler. It asks a shared counter once per "
        "request and decides by itself when the counter is away. Budgets are rows that operators change without a "
        "deployment; each instance keeps a copy for 30 seconds. Counts are kept by a token bucket, so that a client "
        "may burst and then settles at its rate."
    ),
    parts=(
        Part("API client", "", "Sends requests with its key.", "", "outside"),
        Part(
            "API gateway",
            "Amazon API Gateway",
            "Ends TLS, checks keys, passes the client's id on.",
            "Stands already or costs little; it stops floods of unknown clients before they reach the code.",
        ),
        Part(
            "Limiter",
            "AWS Fargate",
            "Decides for each request: pass, or 429 with the time to wait.",
            "In the process of the API there is no further hop; a sidecar would add a millisecond and a deployment.",
        ),
        Part(
            "Counters",
            "Amazon ElastiCache",
            "Holds one token bucket per client and route, changed by one atomic script.",
            "Shared by all instances and fast; a count in each instance would multiply every budget.",
            "store",
        ),
        Part(
            "Budgets",
            "Amazon Aurora PostgreSQL",
            "Holds the budget of each client and who changed it.",
            "Budgets are few, matter for contracts and must be audited: a relational table suits.",
            "store",
        ),
        Part("API handlers", "AWS Fargate", "Do the work of the API, unchanged.", "No change is needed there."),
    ),
    flows=(
        Flow("API client", "API gateway", "HTTPS"),
        Flow("API gateway", "Limiter", "client id"),
        Flow("Limiter", "Counters", "take a token"),
        Flow("Limiter", "Budgets", "read every 30 s"),
        Flow("Limiter", "API handlers", "within budget"),
    ),
    relations=(
        Relation(
            "client_budgets",
            "The budget of one client.",
            (
                Field("client_id", "text", "PRIMARY KEY", "from the API key"),
                Field("requests", "integer", "NOT NULL CHECK (requests > 0)", "per window"),
                Field("window_seconds", "integer", "NOT NULL CHECK (window_seconds > 0)", "length of the window"),
                Field("burst", "integer", "NOT NULL", "tokens a full bucket holds"),
                Field("mode", "text", "NOT NULL DEFAULT 'watch'", "watch or enforce"),
                Field("updated_at", "timestamptz", "NOT NULL DEFAULT now()", "last change"),
            ),
        ),
        Relation(
            "budget_changes",
            "One change of a budget, for audit.",
            (
                Field("id", "uuid", "PRIMARY KEY", "made by the caller"),
                Field("client_id", "text", "NOT NULL REFERENCES client_budgets (client_id)", "whose budget"),
                Field("changed_by", "text", "NOT NULL", "operator"),
                Field("before", "jsonb", "", "empty for a new budget"),
                Field("after", "jsonb", "NOT NULL", "the new budget"),
                Field("changed_at", "timestamptz", "NOT NULL DEFAULT now()", "when"),
            ),
            (Index(("client_id", "changed_at"), "the history of one client, newest first"),),
        ),
    ),
    calls=(
        Call(
            "GET", "/v1/rate-limit", "The caller's own budget and what is left of it.", "client's key", "client_budgets"
        ),
        Call("GET", "/v1/admin/budgets", "All budgets, page by page.", "operator", "client_budgets", many=True),
        Call(
            "PUT",
            "/v1/admin/budgets/{clientId}",
            "Set a client's budget; answers 422 for numbers that make no sense.",
            "operator",
            "client_budgets",
            body="client_budgets",
        ),
    ),
    api=(
        "Every answer carries `RateLimit` and `RateLimit-Policy` headers. A refused request gets `429` with "
        "`Retry-After` in seconds and a problem document that names the budget. Errors follow RFC 9457. The version "
        "stands in the path."
    ),
    steps=(
        Step(
            "budget-table",
            "Store a budget for each client",
            "Each client has a budget that operators can read and change, with a history.",
            (
                "Write the migration for the two tables, with a budget for every client there is",
                "Build the operators' calls with validation and audit",
                "Cache budgets in each instance for 30 seconds",
            ),
            (
                "A changed budget takes effect within 30 seconds without a deployment",
                "Each change names who made it",
            ),
            parts=("Budgets",),
            calls=("/v1/admin/budgets", "/v1/admin/budgets/{clientId}"),
            relations=("client_budgets", "budget_changes"),
            catches=r"plan\b|tier|per client|per key|configur|override|enterprise|partner|budget|admin|support",
        ),
        Step(
            "count-requests",
            "Count requests in shared memory and refuse nobody",
            "Every request takes a token, and what would have been refused is measured.",
            (
                "Write the token bucket as one atomic script on the counters, with a test on its edges",
                "Put the limiter in front of every handler in mode `watch`",
                "Let requests pass when the counters do not answer within 20 ms, and count that",
                "Emit a metric per client: passed, would be refused, counters away",
            ),
            (
                "Two instances share one budget: 200 parallel requests against a budget of 100 count 100 over",
                "With the counters switched off, requests pass and the alarm rises",
            ),
            parts=("Limiter", "Counters"),
            catches=r"count|redis|instance|burst|window|fail|outage|latency|overhead|ms\b|slow|memory",
        ),
        Step(
            "answer-429",
            "Answer 429 with the time to wait",
            "A client over budget is told so in a way that its code can act on.",
            (
                "Switch the limiter to `enforce` per client",
                "Add the headers to every answer, also to refused ones",
                "Describe budgets, headers and how to wait in the API's documentation",
            ),
            (
                "The request after the last one in budget gets 429 with `Retry-After`, and passes after that time",
                "A client in mode `watch` is never refused",
            ),
            ("budget-table", "count-requests"),
            parts=("Limiter", "API gateway"),
            calls=("/v1/rate-limit",),
            catches=r"429|header|retry|document|error|respon|message|refus|block",
        ),
        Step(
            "roll-out-limits",
            "Roll the limits out client by client",
            "All clients are limited, and nobody who keeps to a contract noticed.",
            (
                "Read a week of measurements and set each budget above what the client needs",
                "Tell the clients that would be refused, with their numbers",
                "Switch on a tenth of the clients, then half, then all, a day apart",
                "Run the load test against production's shape",
            ),
            (
                "The dashboard shows refused requests per client",
                "At twice the usual load the API's p99 stays where it was for clients in budget",
            ),
            ("answer-429",),
            parts=("Limiter",),
            catches=r"roll|launch|announce|monitor|metric|dashboard|alert|log|gradual|migrat|customer",
        ),
    ),
    security=(
        "Budgets belong to the client behind a verified key, never to an address or a header that anyone can set",
        "Unknown keys share one small budget, so that guessing keys is slow",
        "Only operators may read or change budgets; each change is recorded",
        "The counters are reachable from the API's network only, with TLS and a password from Secrets Manager",
    ),
    hazards=(
        Hazard(
            "The counters are away and every request waits for them",
            "medium",
            "high",
            "20 ms limit on each look-up, then pass; an alarm after one minute",
            "count-requests",
        ),
        Hazard(
            "A budget is set too low and a paying client is refused",
            "medium",
            "high",
            "A week in mode watch, and a switch per client that acts within 30 seconds",
            "roll-out-limits",
        ),
        Hazard(
            "Clients retry at once on 429 and make it worse",
            "medium",
            "medium",
            "Retry-After with jitter, and the same budget for retries",
            "answer-429",
        ),
    ),
    choices=(
        Choice(
            "How are requests counted?",
            "A token bucket per client in shared memory.",
            "It allows bursts and needs two numbers per client.",
            "A quiet client may use its whole bucket at once, which the API must bear.",
            (
                "Fixed windows: simple, but they let twice the budget through at a window's edge",
                "A log of all requests: exact, but memory grows with traffic",
            ),
        ),
        Choice(
            "What happens when the counters are away?",
            "Requests pass.",
            "A limit protects the API; it must not become its weakest part.",
            "There is no protection while it lasts, which an alarm tells.",
            ("Refuse everything: safe for the database, an outage for every client",),
        ),
    ),
    monitoring=(
        "Per client: passed, refused, would be refused. Alarms: counters slower than 20 ms at p99 for 5 minutes; more "
        "than 1 % of requests refused; any look-up that failed for a minute."
    ),
    core="count-requests",
)
