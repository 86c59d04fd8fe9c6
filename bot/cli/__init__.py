"""What the commands do, one file a command."""

DEFAULT_OUT = "backend-implementation-plan.md"
"""Where `plan --out` writes when it is given no name."""
