-- Who a key is in Linear, so that a restart during an outage still knows its organization.
create table identities (
    fingerprint varchar(64) primary key,
    organization_id varchar(64) not null,
    organization_name text not null,
    url_key text not null,
    viewer_id varchar(64) not null,
    viewer_name text not null,
    app integer not null,
    seen_at double precision not null
);

-- Deliveries that were acted on, kept for a day, so that a repeated one does nothing.
create table deliveries (
    id varchar(200) primary key,
    digest varchar(64) not null unique,
    organization_id varchar(64) not null,
    received_at double precision not null
);
create index deliveries_by_age on deliveries (received_at);

-- Runs: one attempt to give one issue a plan. At most one per issue is live.
create table runs (
    id varchar(64) primary key,
    organization_id varchar(64) not null,
    issue_id varchar(64) not null,
    identifier text not null,
    title text not null,
    state varchar(20) not null,
    step text not null,
    because text,
    created_at double precision not null,
    started_at double precision,
    finished_at double precision,
    closing_at double precision, -- what is asked after this is too late for the run
    model text,
    document_url text,
    comment_url text,
    subissues integer not null default 0
);
create unique index runs_one_live on runs (organization_id, issue_id) where state in ('queued', 'running');
create index runs_by_issue on runs (organization_id, issue_id, created_at);
create index runs_by_state on runs (state, created_at);

-- What asked for a run; several requests may join one.
create table requests (
    id varchar(64) primary key,
    organization_id varchar(64) not null,
    issue_id varchar(64) not null,
    run_id varchar(64) not null,
    body text not null,
    asked_at double precision not null -- by our clock, when it was taken in
);
create index requests_by_run on requests (run_id, asked_at);

-- What happened in a run, line by line.
create table journal (
    run_id varchar(64) not null,
    seq integer not null,
    at double precision not null,
    step text not null,
    text text not null,
    primary key (run_id, seq)
);

-- What each turn of the model used and cost.
create table turns (
    run_id varchar(64) not null,
    seq integer not null,
    at double precision not null,
    model text not null,
    input_tokens integer not null,
    output_tokens integer not null,
    cache_read_tokens integer not null,
    cache_write_tokens integer not null,
    usd double precision not null,
    primary key (run_id, seq)
);

-- Everything we made in Linear, intended first, then made. Kept as long as the issue exists.
create table ledger (
    organization_id varchar(64) not null,
    issue_id varchar(64) not null,
    kind varchar(20) not null,
    phase_key varchar(200) not null,
    generation integer not null,
    linear_id varchar(64) not null,
    state varchar(10) not null,
    run_id varchar(64),
    url text,
    identifier text,
    text text,
    digest varchar(64),
    fields text,
    revision text,
    at double precision not null,
    primary key (organization_id, issue_id, kind, phase_key, generation)
);
create index ledger_by_linear_id on ledger (linear_id);

-- Plans as the model gave them, so that finishing a half-made one never asks the model again.
create table plans (
    organization_id varchar(64) not null,
    issue_id varchar(64) not null,
    version integer not null,
    run_id varchar(64) not null,
    brief varchar(64) not null,
    body text not null,
    made_at double precision not null,
    primary key (organization_id, issue_id, version)
);
