"""The design for issues about reports and exports that take longer than a request may. No I/O."""

from __future__ import annotations

from planner.scripted.design import Call, Choice, Design, Field, Flow, Hazard, Index, Part, Relation, Step

PATTERN = r"export\w*|\bcsv\b|report download|object storage|\bs3\b|presigned|signed url|bulk download|エクスポート"

DESIGN = Design(
    name="exports in the background",
    gist=(
        "An export becomes a job: asked for, written in the background piece by piece to object storage, and fetched "
        "by a link that soon expires. No request waits for it and no instance holds it in memory."
    ),
    architecture=(
        "Asynchronous request and reply. The API records a job and answers at once; a worker reads from a replica in "
        "pages by key, writes parts to object storage and completes them; the client asks for the state or is told by "
        "mail. A job that loses its worker is taken up by another from the last finished part."
    ),
    parts=(
        Part("Person or client", "", "Asks for an export and fetches it.", "", "outside"),
        Part(
            "Export API",
            "AWS Fargate",
            "Takes jobs, tells their state, hands out links.",
            "Part of the API that stands; a function of its own would need the same access rules again.",
        ),
        Part(
            "Export queue",
            "Amazon SQS",
            "Carries job ids to workers.",
            "Decouples asking from writing and takes up what a dead worker left.",
            "queue",
        ),
        Part(
            "Export worker",
            "AWS Fargate",
            "Reads rows in pages, writes parts, ends the job.",
            "Exports may run longer than the 15 minutes a Lambda function has.",
        ),
        Part(
            "Read replica",
            "Amazon Aurora PostgreSQL",
            "Serves the export's long reads.",
            "Long reads on the writer slow everyone down; a replica is seconds behind, which an export bears.",
            "store",
        ),
        Part(
            "Export bucket",
            "Amazon S3",
            "Holds finished files until they expire.",
            "Cheap for large files, takes parts, deletes by rule; the database would bloat.",
            "store",
        ),
    ),
    flows=(
        Flow("Person or client", "Export API", "ask, poll, fetch"),
        Flow("Export API", "Export queue", "job id"),
        Flow("Export queue", "Export worker", "one job"),
        Flow("Export worker", "Read replica", "pages by key"),
        Flow("Export worker", "Export bucket", "parts"),
        Flow("Export API", "Export bucket", "signed link"),
    ),
    relations=(
        Relation(
            "export_jobs",
            "One export that was asked for.",
            (
                Field("id", "uuid", "PRIMARY KEY", "made when asked for"),
                Field("requested_by", "uuid", "NOT NULL", "who may fetch it"),
                Field("tenant_id", "uuid", "NOT NULL", "whose data it holds"),
                Field("filter", "jsonb", "NOT NULL", "what to export, as validated"),
                Field("state", "text", "NOT NULL DEFAULT 'queued'", "queued, running, done, failed or expired"),
                Field("rows_written", "bigint", "NOT NULL DEFAULT 0", "progress"),
                Field("last_key", "text", "", "where to go on after a crash"),
                Field("upload_id", "text", "", "of the upload in parts"),
                Field("object_key", "text", "", "where the file lies"),
                Field("size_bytes", "bigint", "", "of the finished file"),
                Field("error", "text", "", "one sentence for the person"),
                Field("created_at", "timestamptz", "NOT NULL DEFAULT now()", "when it was asked for"),
                Field("expires_at", "timestamptz", "", "when the file is deleted"),
            ),
            (
                Index(("tenant_id", "created_at"), "a tenant's exports, newest first"),
                Index(("state", "created_at"), "what waits, oldest first"),
            ),
        ),
    ),
    calls=(
        Call(
            "POST",
            "/v1/exports",
            "Ask for an export; 202 with the job, the same one within a minute; 429 above the cap.",
            "signed-in person who may read all rows asked for",
            "export_jobs",
            status=202,
            body="export_jobs",
        ),
        Call("GET", "/v1/exports", "The tenant's exports, newest first.", "signed-in person", "export_jobs", many=True),
        Call(
            "GET", "/v1/exports/{exportId}", "State and progress of an export.", "whoever asked for it", "export_jobs"
        ),
        Call(
            "GET",
            "/v1/exports/{exportId}/file",
            "303 to a link that is valid for five minutes; 409 while it is not done; 410 once it expired.",
            "whoever asked for it",
            "",
            status=303,
        ),
        Call(
            "DELETE",
            "/v1/exports/{exportId}",
            "Stop an export or delete its file.",
            "whoever asked for it",
            "",
            status=204,
        ),
    ),
    api=(
        "Asking answers `202` with a `Location`; the state tells rows written so far. Links are made at the moment of "
        "fetching. Errors follow RFC 9457. The version stands in the path."
    ),
    steps=(
        Step(
            "export-jobs",
            "Take exports as jobs and tell their state",
            "An export can be asked for, watched and stopped, though nothing is written yet.",
            (
                "Write the migration for jobs",
                "Build the calls to ask, list, look and stop, with the rules of who may",
                "Cap running exports per tenant",
            ),
            (
                "Asking twice within a minute gives one job",
                "A person of another tenant gets 404 for the job",
            ),
            parts=("Export API", "Export queue"),
            calls=("/v1/exports", "/v1/exports/{exportId}"),
            relations=("export_jobs",),
            catches=r"ask|request|permission|access|tenant|cancel|status|state|list|limit|ui\b|button|async|background",
        ),
        Step(
            "write-export",
            "Write the file in pages and parts",
            "A file of any size is written with the memory of one page.",
            (
                "Read pages by key from the replica under one snapshot",
                "Write the header once and the rows in parts of 8 MB, quoted so that no cell starts a formula",
                "Record key and part after each, and go on from there after a crash",
                "Delete unfinished parts after a day",
            ),
            (
                "Five million rows are written with less than 256 MB of memory",
                "A worker killed in the middle ends in the same file, byte for byte, from another worker",
            ),
            ("export-jobs",),
            parts=("Export worker", "Read replica", "Export bucket"),
            catches=r"row|memory|stream|large|timeout|column|format|encod|utf|excel|csv|million|gb|query|replica|crash",
        ),
        Step(
            "fetch-export",
            "Hand the file out by a link that expires",
            "Whoever asked gets the file, nobody else does, and it is gone in time.",
            (
                "Make the link when it is fetched, after checking who asks",
                "Tell by mail when it is done or failed, without the link itself",
                "Delete files by the bucket's rule and mark their jobs as expired",
            ),
            (
                "A link is dead after five minutes and cannot be had by anyone else",
                "After the time to keep, file and link are gone and the job says so",
            ),
            ("write-export",),
            parts=("Export API", "Export bucket"),
            calls=("/v1/exports/{exportId}/file",),
            catches=r"link|url|download|mail|notif|expire|retention|delete|days|secure|gdpr|personal|encrypt|audit",
        ),
        Step(
            "roll-out-exports",
            "Move people over from the old export",
            "All exports take the new way and the old one is gone.",
            (
                "Load test: many exports at once beside usual traffic",
                "Switch over tenant by tenant, those with failing exports first",
                "Remove the old path and its timeouts",
            ),
            (
                "With ten exports running, the API's p95 stays where it was",
                "No export by the old path for a week",
            ),
            ("fetch-export",),
            parts=("Export API", "Export worker"),
            catches=r"roll|migrat|old|legacy|monitor|metric|alert|load|peak|slow|existing|api key|support",
        ),
    ),
    security=(
        "What may be exported is decided by the rules that guard the same rows on screen, at asking and at fetching",
        "The bucket is private, encrypted, and refuses requests without TLS; links live for five minutes",
        "Cells that begin with =, +, -, @ are quoted, so that no spreadsheet runs them",
        "Who exported what and fetched it is recorded",
        "The worker may read the replica and write under its own prefix, nothing else",
    ),
    hazards=(
        Hazard(
            "Long reads hold back clean-up on the database",
            "medium",
            "medium",
            "Read from a replica in short pages; an export older than an hour is stopped and goes on later",
            "write-export",
        ),
        Hazard(
            "A link is passed on",
            "medium",
            "high",
            "Five minutes to live, made for one person after a check, and recorded",
            "fetch-export",
        ),
        Hazard(
            "Exports take the capacity of everyone else",
            "medium",
            "medium",
            "A cap per tenant and a small fixed number of workers",
            "roll-out-exports",
        ),
    ),
    choices=(
        Choice(
            "Where is the file written?",
            "Object storage, in parts.",
            "Any size, cheap, deletes by rule.",
            "One more place that holds personal data and must be guarded like the database.",
            (
                "Stream it in the answer: nothing to store, but a broken connection starts over",
                "Keep it in the database: one place, and backups grow with every export",
            ),
        ),
        Choice(
            "How are rows read?",
            "In pages by key, on a replica.",
            "Memory stays flat and a crash goes on where it was.",
            "Without one snapshot over all pages, rows changed meanwhile appear as of their page.",
            ("One query with a cursor: simple, and it lasts as long as the export does",),
        ),
    ),
    monitoring=(
        "Jobs by state, age of the oldest that waits, rows a second, bytes stored. Alarms: oldest above 10 minutes; "
        "more than 5 % failed in an hour; unfinished parts older than a day."
    ),
    core="write-export",
)
