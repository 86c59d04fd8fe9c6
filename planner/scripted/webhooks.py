"""The design for issues about events that others send us and that must count once. No I/O."""

from __future__ import annotations

from planner.scripted.design import Call, Choice, Design, Field, Flow, Hazard, Index, Part, Relation, Step

PATTERN = r"webhook\w*|idempoten\w*|event deliver\w*|duplicate (event|charge|payment)\w*|twice|stripe|ウェブフック"

DESIGN = Design(
    name="events that count once",
    gist=(
        "An event is written down before it is answered and worked off afterwards, once, however often it is sent. "
        "What fails waits in a list that people can look at and start again."
    ),
    architecture=(
        "Event-driven, with the database as the judge. The receiver checks the signature, inserts the event under the "
        "sender's own id and answers; a second delivery meets the unique key and is answered the same way. A queue "
        "hands the id to a worker, which applies the event and marks it in one transaction. Order is kept per object, "
        "not overall."
    ),
    parts=(
        Part("Event sender", "", "Sends events and sends them again until it gets 200.", "", "outside"),
        Part(
            "Webhook receiver",
            "AWS Lambda",
            "Verifies, writes down, answers within a second.",
            "Load comes in waves and the work is short; a server would idle.",
        ),
        Part(
            "Event queue",
            "Amazon SQS",
            "Carries event ids, in order per object.",
            "Takes waves, retries by itself; a FIFO queue with the object as group keeps the order that matters.",
            "queue",
        ),
        Part(
            "Event worker",
            "AWS Lambda",
            "Applies one event in one transaction.",
            "Scales with the queue; its concurrency is capped to what the database bears.",
        ),
        Part(
            "Event store",
            "Amazon Aurora PostgreSQL",
            "Holds each event once, with its state and attempts.",
            "A unique key and a transaction are what makes an effect happen once; a cache can forget.",
            "store",
        ),
        Part(
            "Dead letters",
            "Amazon SQS",
            "Holds what failed five times.",
            "Keeps one bad event from blocking the rest.",
            "queue",
        ),
    ),
    flows=(
        Flow("Event sender", "Webhook receiver", "signed POST"),
        Flow("Webhook receiver", "Event store", "insert once"),
        Flow("Webhook receiver", "Event queue", "event id"),
        Flow("Event queue", "Event worker", "in order per object"),
        Flow("Event worker", "Event store", "apply and mark"),
        Flow("Event queue", "Dead letters", "after 5 attempts"),
    ),
    relations=(
        Relation(
            "webhook_events",
            "One event as it was sent, and what became of it.",
            (
                Field("event_id", "text", "PRIMARY KEY", "the sender's id: the same event never stands twice"),
                Field("sender", "text", "NOT NULL", "who sent it"),
                Field("type", "text", "NOT NULL", "the sender's name for it"),
                Field("object_id", "text", "NOT NULL", "what it is about; order is kept per object"),
                Field("payload", "jsonb", "NOT NULL", "as signed"),
                Field("state", "text", "NOT NULL DEFAULT 'received'", "received, done, failed or ignored"),
                Field("attempts", "integer", "NOT NULL DEFAULT 0", "how often it was tried"),
                Field("last_error", "text", "", "one line, no personal data"),
                Field("occurred_at", "timestamptz", "NOT NULL", "by the sender's clock"),
                Field("received_at", "timestamptz", "NOT NULL DEFAULT now()", "by ours"),
                Field("done_at", "timestamptz", "", "when it was applied"),
            ),
            (
                Index(("state", "received_at"), "what waits or failed, oldest first"),
                Index(("object_id", "occurred_at"), "all events of one object in order"),
            ),
        ),
        Relation(
            "applied_effects",
            "One effect that an event had; its key makes the effect happen once.",
            (
                Field("effect_key", "text", "PRIMARY KEY", "event id and kind of effect"),
                Field("event_id", "text", "NOT NULL REFERENCES webhook_events (event_id)", "its cause"),
                Field("applied_at", "timestamptz", "NOT NULL DEFAULT now()", "when"),
            ),
            (Index(("event_id",), "what one event did"),),
        ),
    ),
    calls=(
        Call(
            "POST",
            "/v1/webhooks/{sender}",
            "Take an event; 200 once it is written down, also for one that stands already; 401 if not signed.",
            "signature over the raw body",
            "",
        ),
        Call(
            "GET",
            "/v1/admin/events",
            "Events by state, oldest first.",
            "operator",
            "webhook_events",
            many=True,
        ),
        Call(
            "POST",
            "/v1/admin/events/{eventId}/replay",
            "Work an event off again; harmless for one that is done.",
            "operator",
            "webhook_events",
            status=202,
        ),
    ),
    api=(
        "The receiver answers `200` for everything that is written down, `401` for a wrong signature, `413` above "
        "1 MB and `503` when the event cannot be stored, so that the sender tries again. Its path names the sender "
        "and the version."
    ),
    steps=(
        Step(
            "event-store",
            "Write each event down once, before answering",
            "No event is lost or stored twice, however it is delivered.",
            (
                "Write the migration for events and effects",
                "Verify the signature over the raw body, with two secrets at a time for rotation",
                "Insert the event under the sender's id and answer; a conflict is answered alike",
                "Answer 503 when the database is away",
            ),
            (
                "The same event sent 50 times at once stands once, and each delivery gets 200",
                "A changed byte in the body gets 401 and leaves no row",
            ),
            parts=("Webhook receiver", "Event store"),
            calls=("/v1/webhooks/{sender}",),
            relations=("webhook_events",),
            catches=r"store|persist|sign|verif|secret|receiv|200|accept|unique|duplicate delivery|raw body|dedup",
        ),
        Step(
            "apply-once",
            "Apply each event once, in order per object",
            "An event has its effect exactly once, whatever crashes in between.",
            (
                "Queue event ids with the object as group",
                "Apply event, effect key and state in one transaction",
                "Leave out what is older than what was applied, and say so in its state",
                "Try again with growing waits, five times, then hand over to the dead letters",
            ),
            (
                "A worker killed between any two statements leaves no effect or one",
                "Events of one object that arrive in the wrong order end in the right state",
            ),
            ("event-store",),
            parts=("Event queue", "Event worker", "Dead letters"),
            relations=("applied_effects",),
            catches=r"once|twice|order|retry|retries|idempot|charge|refund|transaction|crash|queue|async|state|exactly",
        ),
        Step(
            "replay-events",
            "Show failed events and start them again",
            "Whoever is on call sees what failed and why, and can start it again.",
            (
                "Build the list by state and the replay call",
                "Write the run book: what to look at, when to start again, when to leave it",
            ),
            (
                "A failed event is worked off after its cause is mended and it is started again",
                "Starting a finished event again changes nothing",
            ),
            ("apply-once",),
            parts=("Event worker",),
            calls=("/v1/admin/events", "/v1/admin/events/{eventId}/replay"),
            catches=r"replay|by hand|finance|support|operator|dead|manual|tool|inspect|reprocess|on[- ]call|admin",
        ),
        Step(
            "switch-over-events",
            "Compare with the old path, then switch over",
            "All events take the new path, and the books agree.",
            (
                "Write events down beside the old path for a week and apply nothing",
                "Compare both results day by day and explain each difference",
                "Switch over by event type, the harmless ones first",
                "Mend past doubles with a script that is reviewed before it runs",
            ),
            (
                "A week without an unexplained difference",
                "Going back takes one switch and loses no event",
            ),
            ("apply-once",),
            parts=("Webhook receiver",),
            catches=r"migrat|roll|switch|backfill|compare|monitor|alert|metric|reconcil|report|log",
        ),
    ),
    security=(
        "The signature is checked over the raw body, in constant time, before anything is parsed",
        "Old stamps are refused, so that a recorded delivery cannot be played again later",
        "Secrets lie in Secrets Manager and change without a gap: two are valid at a time",
        "Payloads hold personal data: encrypted at rest, deleted after the time the law asks for",
        "Each function may touch its own queue and its own tables only",
    ),
    hazards=(
        Hazard(
            "An effect outside the database (mail, call to another service) happens twice",
            "medium",
            "high",
            "Hand the effect key over as idempotency key; where the other side takes none, mark before and check after",
            "apply-once",
        ),
        Hazard(
            "One bad event holds up its object",
            "medium",
            "medium",
            "Five attempts, then to the dead letters with an alarm; the object's later events wait and say so",
            "apply-once",
        ),
        Hazard(
            "The old path and the new one both act during the switch",
            "low",
            "high",
            "One switch per event type, read in the same transaction as the effect",
            "switch-over-events",
        ),
    ),
    choices=(
        Choice(
            "What makes an event count once?",
            "A unique key in the same transaction as the effect.",
            "It holds through crashes and parallel deliveries without a lock service.",
            "Effects are tied to one database; those elsewhere need keys of their own.",
            (
                "A cache of seen ids: forgets on restart and cannot share a transaction with the effect",
                "Exactly-once delivery by the queue: covers five minutes, not a sender that tries again for days",
            ),
        ),
        Choice(
            "When is the sender answered?",
            "Once the event is written down, before it is applied.",
            "The sender gives up after seconds; work may take longer.",
            "A queue to run and to watch, and a sender that is not told of what fails later.",
            ("Apply first, then answer: one moving part fewer, and a timeout looks like a failure",),
        ),
    ),
    monitoring=(
        "Age of the oldest event that waits, events by state, deliveries per event, answers by status. Alarms: oldest "
        "above 5 minutes; any dead letter; more than 1 % of deliveries refused by signature."
    ),
    core="apply-once",
)
