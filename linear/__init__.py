"""A typed client for Linear's API. Knows no plans, no runs, no Claude."""
