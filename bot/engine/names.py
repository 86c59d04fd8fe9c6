"""What the engine's rows are called. They are read by later versions of the bot: never renamed. No I/O."""

APPLICATION = "needs-plan"
# Pinned: by default DBOS hashes the workflows' source, and a new version never picks up an old one's work.
# Bump only to leave old runs behind on purpose.
APPLICATION_VERSION = "needs-plan-1"

INGEST = "ingest"
PLAN = "plan"

# Lower runs first, and unset would be the lowest: room is left on both sides of what people wait for.
URGENT = 1
SWEPT = 10
"""What a sweep found: nobody sits and waits for it."""
