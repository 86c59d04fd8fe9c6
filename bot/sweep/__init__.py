"""The sweep: finds what carries the label and has no run, and has it taken in as webhooks are."""
