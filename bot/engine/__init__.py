"""The durable engine (DBOS) and everything that touches it. The only importer of `dbos`."""
