"""Reading answers that were already checked to be GraphQL: into models, or a clear error. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from linear.errors import Rejected

_Model = TypeVar("_Model", bound=BaseModel)


def inner(data: Mapping[str, object], *path: str) -> dict[str, object]:
    """The object at `path`. Raises Rejected where there is none: Linear's schema promises it, so no repeat helps."""
    found = dict(data)
    for name in path:
        value = found.get(name)
        if not isinstance(value, dict):
            raise Rejected(f"Linear's answer holds no {'.'.join(path)}")
        found = cast("dict[str, object]", value)
    return found


def items(data: Mapping[str, object], *path: str) -> list[dict[str, object]]:
    """The objects in the list at `path`. Raises Rejected where there is no list of objects."""
    *outer, last = path
    found = inner(data, *outer).get(last)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in cast("list[object]", found)):
        raise Rejected(f"Linear's answer holds no list {'.'.join(path)}")
    return cast("list[dict[str, object]]", found)


def read(model: type[_Model], value: object) -> _Model:
    """`value` as a model. Raises Rejected naming the first field that does not fit, and nothing of its content."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(each) for each in first["loc"]) or "it"
        raise Rejected(f"Linear's answer is no {model.__name__}: {where}: {first['msg']}") from None
