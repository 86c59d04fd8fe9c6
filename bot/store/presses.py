"""Whether one press of the label was answered already: its webhook may come late, and a sweep may have found it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from bot.triggers import PlanRequest

SAME_PRESS_S = 2.0
"""Two moments that Linear gives for one press (the issue's `updatedAt`, its entry in the history) lie closer."""


def is_answered(connection: sa.Connection, request: PlanRequest) -> bool:
    """Whether a run that has closed answers this press: it read the issue with it, or a sweep found it.

    All times are Linear's, so that nothing depends on our clock. A run that is not closed yet is joined. What was
    unwanted once, on a closed issue for one, a sweep may find wanted again.
    """
    if request.pressed_at is None or request.kind not in ("label", "sweep"):
        return False
    found = connection.execute(
        sa.text(
            "select 1 from runs where organization_id = :org and issue_id = :issue"
            " and (state not in ('queued', 'running') or closing_at is not null)"
            " and (state <> 'unwanted' or :swept = 0)"
            " and (revision >= :at or exists (select 1 from requests where run_id = runs.id"
            "  and pressed_at >= :about and (swept = 1 or :swept = 1))) limit 1"
        ),
        {
            "org": request.organization_id,
            "issue": request.issue_id,
            "at": request.pressed_at,
            "about": request.pressed_at - SAME_PRESS_S,
            "swept": int(request.kind == "sweep"),
        },
    ).scalar_one_or_none()
    return found is not None
