-- Images, PDFs and long texts by their SHA-256, so that whoever goes on with a run has them.
create table blobs (
    digest varchar(64) primary key,
    media_type varchar(100) not null,
    size integer not null,
    body bytea not null,
    at double precision not null
);

-- What a conversation with a model began with, fixed for its life: models sign it into their thinking.
create table conversations (
    run_id varchar(64) not null,
    conversation varchar(100) not null,
    head text not null,
    at double precision not null,
    primary key (run_id, conversation)
);

-- Every request to a model, booked before it goes out. `state`: reserved (under way, counted at its worst case),
-- answered, cut (it may have been paid; stays at its worst case) or free (it was turned away before any answer).
alter table turns rename to turns_of_before;
create table turns (
    run_id varchar(64) not null,
    conversation varchar(100) not null,
    seq integer not null,
    attempt integer not null,
    team_key varchar(100) not null,
    at double precision not null,
    state varchar(10) not null,
    model text not null,
    input_tokens integer not null default 0,
    output_tokens integer not null default 0,
    cache_read_tokens integer not null default 0,
    cache_write_tokens integer not null default 0,
    usd double precision not null,
    spent_usd double precision not null default 0, -- what the whole run had cost when this was answered
    near_cap integer not null default 0, -- whether few more answers fitted into the run's cap then
    shortened integer not null default 0, -- whether it was asked for with fewer tokens than wished
    answer text,
    primary key (run_id, conversation, seq, attempt)
);
insert into turns (run_id, conversation, seq, attempt, team_key, at, state, model, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, usd)
    select run_id, 'plan', seq, 0, '', at, 'answered', model, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, usd from turns_of_before;
drop table turns_of_before;
create index turns_by_day on turns (at);

-- What the model read after each turn, as it was first composed; it reads the same whoever goes on.
create table messages (
    run_id varchar(64) not null,
    conversation varchar(100) not null,
    seq integer not null,
    content text not null,
    at double precision not null,
    primary key (run_id, conversation, seq)
);

-- What each call of a tool came to; never called again once it stands here.
create table tool_results (
    run_id varchar(64) not null,
    conversation varchar(100) not null,
    call_id varchar(200) not null,
    seq integer not null,
    name varchar(200) not null,
    result text not null,
    at double precision not null,
    primary key (run_id, conversation, call_id)
);

alter table runs add column estimate_usd double precision;
alter table runs add column agent text;
alter table runs add column todo text;

-- Why nothing may be asked of the model at present: one row a reason, gone by itself at `until`.
create table halts (
    name varchar(40) primary key,
    reason text not null,
    since double precision not null,
    until double precision not null
);
