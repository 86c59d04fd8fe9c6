"""What people were asked before a plan, and what they answered."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from bot.store.database import rows
from planner.asking_back import AskedQuestion
from planner.brief import QuestionAnswered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Asked(BaseModel):
    """The questions of one run. `answers` is None until somebody answers; `waiting`: its run waits for that."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    asked_at: float
    questions: tuple[AskedQuestion, ...]
    answers: tuple[QuestionAnswered, ...] | None = None
    waiting: bool = False

    def settled(self) -> tuple[QuestionAnswered, ...]:
        """Every question with its answer, or with its default where there is none."""
        given = {each.question: each for each in self.answers or ()}
        return tuple(
            given.get(each.text) or QuestionAnswered(question=each.text, answer=each.suggested_default, assumed=True)
            for each in self.questions
        )


_SELECT = (
    "select questions.run_id, asked_at, body, answers, runs.state = 'waiting' as waiting, questions.organization_id,"
    " questions.issue_id from questions join runs on runs.id = questions.run_id"
)


def put(
    connection: sa.Connection, organization_id: str, issue_id: str, run_id: str, questions: Sequence[AskedQuestion]
) -> None:
    """Keep what a run asks; once per run."""
    connection.execute(
        sa.text(
            "insert into questions (organization_id, issue_id, run_id, asked_at, body)"
            " values (:org, :issue, :run, :at, :body) on conflict do nothing"
        ),
        {
            "org": organization_id,
            "issue": issue_id,
            "run": run_id,
            "at": time.time(),
            "body": json.dumps([each.model_dump() for each in questions], ensure_ascii=False),
        },
    )


def of_issue(connection: sa.Connection, organization_id: str, issue_id: str) -> Asked | None:
    """What was last asked on an issue."""
    found = rows(
        connection.execute(
            sa.text(
                f"{_SELECT} where questions.organization_id = :org and questions.issue_id = :issue"
                " order by asked_at desc limit 1"
            ),
            {"org": organization_id, "issue": issue_id},
        )
    )
    return _asked(found[0]) if found else None


def answer(connection: sa.Connection, run_id: str, answers: Sequence[QuestionAnswered]) -> None:
    """Keep what people answered. A later answer to the same question counts."""
    before = connection.execute(
        sa.text("select answers from questions where run_id = :run"), {"run": run_id}
    ).scalar_one_or_none()
    kept = {each["question"]: each for each in json.loads(before or "[]")}
    kept |= {each.question: each.model_dump() for each in answers}
    connection.execute(
        sa.text("update questions set answers = :answers where run_id = :run"),
        {"run": run_id, "answers": json.dumps(list(kept.values()), ensure_ascii=False)},
    )


def overdue(connection: sa.Connection, older_than_s: float) -> list[str]:
    """The runs that have waited for answers for longer than this."""
    found = connection.execute(
        sa.text(
            "select questions.run_id from questions join runs on runs.id = questions.run_id"
            " where runs.state = 'waiting' and asked_at < :at"
        ),
        {"at": time.time() - older_than_s},
    )
    return list(found.scalars())


def _asked(row: Mapping[str, Any]) -> Asked:
    return Asked.model_validate(
        {
            "run_id": row["run_id"],
            "asked_at": row["asked_at"],
            "questions": json.loads(row["body"]),
            "answers": json.loads(row["answers"]) if row["answers"] else None,
            "waiting": bool(row["waiting"]),
        }
    )
