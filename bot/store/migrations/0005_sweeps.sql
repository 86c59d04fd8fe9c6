-- Sweeps: each slot of the schedule is claimed by one replica, by this row.
create table sweeps (
    organization_id varchar(64) not null,
    slot varchar(64) not null, -- when it was due, ISO 8601 in UTC, or a name of its own for one by hand
    began_at double precision not null,
    ended_at double precision, -- null: under way, or its replica is gone
    because text, -- why it could not be done
    counted text not null default '{}', -- issues by what became of them
    primary key (organization_id, slot)
);
create index sweeps_by_age on sweeps (organization_id, began_at);

-- What a sweep learnt of the way from Linear to us, until it is over: one row a fault, the same for all replicas.
create table notices (
    organization_id varchar(64) not null,
    name varchar(40) not null,
    because text not null,
    since double precision not null,
    at double precision not null, -- when it was last seen
    primary key (organization_id, name)
);

-- Who last put a label on, as read from histories: good for as long as the issue is not changed.
create table presses (
    organization_id varchar(64) not null,
    issue_id varchar(64) not null,
    revision varchar(40) not null, -- the issue's `updatedAt`
    labels varchar(64) not null, -- which labels were looked for, as a SHA-256
    body text not null,
    at double precision not null,
    primary key (organization_id, issue_id)
);

-- When the label was put on by Linear's clock, and whether a sweep found it: the webhook of one press may come later.
alter table requests add column pressed_at double precision;
alter table requests add column swept integer not null default 0;
-- The issue's `updatedAt` when the run read it: every press until then is answered by the run.
alter table runs add column revision double precision;
create index requests_by_issue on requests (organization_id, issue_id, pressed_at);
