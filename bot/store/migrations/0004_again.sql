-- Which requests a run has read: what came later is for the run after it.
alter table requests add column heeded integer not null default 0;

-- Versions of a plan: who asked for each and why, what it was made from, whether it stands.
alter table plans add column asked_by text not null default '';
alter table plans add column because text not null default '';
alter table plans add column guidance text not null default ''; -- what people want heeded, of this version and those before
alter table plans add column reads text not null default '{}'; -- digests of what was read, by source
alter table plans add column posted_at double precision;
alter table plans add column stale_told integer not null default 0;
alter table plans add column withdrawn_at double precision;
