-- What the checks found in each plan that was handed in, by the turn it was handed in with.
create table reports (
    run_id varchar(64) not null,
    seq integer not null,
    report text not null,
    at double precision not null,
    primary key (run_id, seq)
);

-- What became of the run's plan under its checks: the report and the rounds of mending, as JSON.
alter table runs add column checked text;
