"""Which error an answer is: the table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from linear.errors import AlreadyMade, LinearError, NotFound, RateLimited, Rejected, Unauthorized, Unreachable
from linear.failures import failure, without_secrets
from linear.ids import stable_id

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OURS = stable_id("ours")
OTHER = stable_id("other")


def complaint(message: str = "", **extensions: object) -> dict[str, object]:
    return {"message": message, "extensions": extensions}


def conflict(entity: str, id_: str, message: str = "conflict on insert of {}") -> dict[str, object]:
    said = f"Entity {entity} with id {id_} already exists."
    return complaint(message.format(entity), code="INPUT_ERROR", userPresentableMessage=said)


TABLE = {
    # rate limits: the code first, whatever the status
    "ratelimited, HTTP 400": ([complaint("slow", code="RATELIMITED")], 400, RateLimited),
    "ratelimited, HTTP 200": ([complaint("slow", code="RATELIMITED")], 200, RateLimited),
    "ratelimited by type": ([complaint("slow", type="ratelimited")], 400, RateLimited),
    "ratelimited by statusCode": ([complaint("slow", statusCode=429)], 200, RateLimited),
    "HTTP 429 without GraphQL": ([], 429, RateLimited),
    "HTTP 429 with another error": ([complaint("no")], 429, RateLimited),
    "ratelimited beside a conflict": ([conflict("Issue", OURS), complaint("", code="RATELIMITED")], 200, RateLimited),
    # conflicts: ours or not
    "our id": ([conflict("Issue", OURS)], 200, AlreadyMade),
    "our id, HTTP 400": ([conflict("Issue", OURS)], 400, AlreadyMade),
    "our id, HTTP 500": ([conflict("Issue", OURS)], 500, AlreadyMade),
    "our id in capitals": ([conflict("Comment", OURS.upper(), "Conflict on Insert of {}")], 200, AlreadyMade),
    "our id in the message": ([complaint(f"conflict on insert of Document {OURS}")], 200, AlreadyMade),
    "another's id": ([conflict("Issue", OTHER)], 200, Rejected),
    "no id": ([complaint("conflict on insert of Issue")], 200, Rejected),
    "no id, HTTP 500": ([complaint("conflict on insert of Issue")], 500, Rejected),
    "a document's content": ([conflict("DocumentContent", OURS, "Conflict on insert of {}")], 200, Rejected),
    "conflict elsewhere in the text": ([complaint(f"there was a conflict on insert of Issue {OURS}")], 200, Rejected),
    # keys and scopes
    "authentication by type": ([complaint("who?", type="authentication error")], 200, Unauthorized),
    "authentication by code": ([complaint("who?", code="AUTHENTICATION_ERROR")], 400, Unauthorized),
    "authentication by HTTP": ([complaint("who?")], 401, Unauthorized),
    "HTTP 401 without GraphQL": ([], 401, Unauthorized),
    "forbidden by type": ([complaint("no", type="forbidden")], 200, Unauthorized),
    "forbidden by code": ([complaint("no", code="FORBIDDEN")], 200, Unauthorized),
    "forbidden by statusCode": ([complaint("no", statusCode=403)], 200, Unauthorized),
    "HTTP 403 without GraphQL": ([], 403, Unauthorized),
    # absent
    "not found": ([complaint("Entity not found: Issue", code="INPUT_ERROR")], 200, NotFound),
    "not found, for people": (
        [complaint("", userPresentableMessage="Could not find referenced Issue.")],
        400,
        NotFound,
    ),
    # to be repeated
    "lock timeout": ([complaint("busy", type="lock timeout")], 200, Unreachable),
    "internal error": ([complaint("oops", type="internal error")], 200, Unreachable),
    "internal code": ([complaint("oops", code="INTERNAL_SERVER_ERROR")], 200, Unreachable),
    "internal message": ([complaint("Internal server error")], 200, Unreachable),
    "internal by statusCode": ([complaint("oops", statusCode=503)], 200, Unreachable),
    "HTTP 500 with errors": ([complaint("oops", type="unknown")], 500, Unreachable),
    "HTTP 502 without GraphQL": ([], 502, Unreachable),
    "HTTP 504 without GraphQL": ([], 504, Unreachable),
    "HTTP 408 without GraphQL": ([], 408, Unreachable),
    "HTTP 302": ([], 302, Unreachable),
    "HTTP 200 without GraphQL": ([], 200, Unreachable),
    "nothing came": ([], None, Unreachable),
    "a conflict beside a lock timeout": (
        [conflict("Issue", OURS), complaint("", type="lock timeout")],
        200,
        Unreachable,
    ),
    # refused for good
    "invalid input": ([complaint("Argument Validation Error", code="INVALID_INPUT")], 400, Rejected),
    "usage limit": ([complaint("full", type="usage limit exceeded")], 200, Rejected),
    "feature": ([complaint("no", type="feature not accessible")], 200, Rejected),
    "validation": ([complaint("Cannot query field", code="GRAPHQL_VALIDATION_FAILED")], 400, Rejected),
    "unknown type of error": ([complaint("hm", type="brand new")], 200, Rejected),
    "no words at all": ([complaint()], 200, Rejected),
    "HTTP 413": ([], 413, Rejected),
    "HTTP 404 without GraphQL": ([], 404, Rejected),
    # odd shapes
    "an error that is a text": (["boom"], 200, Rejected),
    "an error that is null": ([None], 200, Rejected),
    "extensions null": ([{"message": "no", "extensions": None}], 200, Rejected),
    "message a number": ([{"message": 7, "extensions": {"code": 3, "statusCode": True}}], 200, Rejected),
}


@pytest.mark.parametrize(("errors", "status", "kind"), TABLE.values(), ids=TABLE)
def test_each_answer_is_one_error(errors: Any, status: int, kind: type[LinearError]) -> None:
    assert type(failure(errors, status=status, headers={}, now=NOW, creating={OURS})) is kind


def test_html_is_no_refusal_whatever_its_status() -> None:
    found = failure([], status=404, headers={"content-type": "text/html"}, now=NOW)
    assert isinstance(found, Unreachable)
    assert "a web page" in str(found)


def test_a_conflict_names_entity_and_id() -> None:
    found = failure([conflict("IssueRelation", OURS)], status=200, headers={}, now=NOW, creating=[OTHER, OURS])
    assert isinstance(found, AlreadyMade)
    assert (found.entity, found.id) == ("IssueRelation", OURS)


def test_an_update_s_target_is_no_id_we_make() -> None:
    assert isinstance(failure([conflict("Issue", OURS)], status=200, headers={}, now=NOW), Rejected)


@pytest.mark.parametrize(
    ("error", "entity"),
    [
        (complaint("Entity not found: Document"), "Document"),
        (complaint("Entity not found"), "entity"),
        (complaint("x", userPresentableMessage="Could not find referenced Comment."), "Comment"),
    ],
    ids=["named", "unnamed", "for-people"],
)
def test_what_is_absent_is_named(error: Any, entity: str) -> None:
    found = failure([error], status=200, headers={}, now=NOW)
    assert isinstance(found, NotFound)
    assert found.entity == entity


def test_the_reason_is_linear_s_message_for_people() -> None:
    error = complaint("Argument Validation Error", userPresentableMessage="title must be\n shorter")
    found = failure([error], status=400, headers={}, now=NOW)
    assert isinstance(found, Rejected)
    assert found.reason == "title must be shorter"


def test_the_scope_is_named() -> None:
    found = failure([complaint("Invalid scope: `write` required", type="forbidden")], status=403, headers={}, now=NOW)
    assert isinstance(found, Unauthorized)
    assert found.reason == "Invalid scope: `write` required"


def test_the_reset_is_read_from_the_headers() -> None:
    headers = {"x-ratelimit-requests-reset": str(int(NOW.timestamp() * 1000) + 90_000)}
    found = failure([complaint(code="RATELIMITED")], status=400, headers=headers, now=NOW)
    assert isinstance(found, RateLimited)
    assert (found.until - NOW).total_seconds() == 90


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("key hunter2 is wrong", "key [secret] is wrong"),
        ("got lin_api_AbC123 and lin_oauth_x", "got [secret] and [secret]"),
        ("Authorization: Bearer abc.def", "Authorization: [secret]"),
        ("a\n b\t\tc", "a b c"),
        ("nothing", "nothing"),
    ],
    ids=["known", "looks-like-a-key", "bearer", "lines", "plain"],
)
def test_no_secret_comes_out(text: str, clean: Any) -> None:
    assert without_secrets(text, ("hunter2", "")) == clean


def test_a_reason_is_cut_to_a_readable_length() -> None:
    assert len(without_secrets("x" * 10_000, ())) == 300
