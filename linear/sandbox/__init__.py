"""A stand-in Linear behind real HTTP: for tests, for the demo, and for trying needs-plan without a workspace.

FIDELITY.md, beside this file, says what is modelled, what is simpler than in Linear, and what is left out.
"""
