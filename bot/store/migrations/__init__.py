"""One SQL file a step, applied in the order of their names; written in the SQL that SQLite and Postgres share."""
