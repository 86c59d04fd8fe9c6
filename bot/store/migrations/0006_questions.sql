-- What people were asked before a plan, and what they answered. A run that asked waits for them outside the engine.
create table questions (
    organization_id varchar(64) not null,
    issue_id varchar(64) not null,
    run_id varchar(64) not null,
    asked_at double precision not null,
    body text not null, -- the questions with their defaults, as JSON
    answers text, -- as JSON, null until somebody answers
    primary key (organization_id, issue_id, run_id)
);
