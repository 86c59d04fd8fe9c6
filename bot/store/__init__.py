"""Our own tables: what was delivered, what runs, what was posted. Beside the engine's, in the same database."""
