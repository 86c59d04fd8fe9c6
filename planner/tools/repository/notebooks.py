"""Jupyter notebooks as text: cells with what they printed, pictures by name only. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from pydantic import JsonValue

_OUTPUT_MOST = 2_000


class NotebookError(ValueError):
    """A text that is no notebook, or a cell that is not there. The message is one clause."""


def as_text(text: str, cell_id: str = "", most_chars: int = 20_000) -> str:
    """The notebook's cells in order; with `cell_id` (an id, or a number counted from 1) that cell alone.

    Where it is cut, its end says from which cell on. Raises `NotebookError`.
    """
    cells = _cells(text)
    if cell_id:
        found = next((each for each in cells if cell_id.casefold() in each[0]), None)
        if found is None:
            raise NotebookError(f"has no cell {cell_id[:60]!r}; it has {len(cells)}, counted from 1")
        shown = found[1]
        return shown if len(shown) <= most_chars else shown[:most_chars] + "\n[the rest of this cell is not shown]"
    done: list[str] = []
    size = 0
    for number, (_, shown) in enumerate(cells, start=1):
        if size + len(shown) > most_chars and done:
            done.append(f"[{len(cells) - number + 1} more cells; read one by its number, cell_id={number}]")
            break
        done.append(
            shown if len(shown) <= most_chars else shown[:most_chars] + "\n[the rest of this cell is not shown]"
        )
        size += len(shown)
    return "\n\n".join(done) or "(no cells)"


def _cells(text: str) -> list[tuple[set[str], str]]:
    """Each cell's names and its text."""
    try:
        notebook = cast("JsonValue", json.loads(text))
    except (ValueError, RecursionError):
        raise NotebookError("is no notebook: it does not hold JSON") from None
    if not isinstance(notebook, dict):
        raise NotebookError("is no notebook: it has no cells")
    cells = notebook.get("cells")
    if cells is None:  # format 3 and before
        sheets = notebook.get("worksheets")
        first = sheets[0] if isinstance(sheets, list) and sheets else None
        cells = first.get("cells") if isinstance(first, dict) else None
    if not isinstance(cells, list):
        raise NotebookError("is no notebook: it has no cells")
    done: list[tuple[set[str], str]] = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            continue
        name = str(cell.get("id") or "")
        kind = str(cell.get("cell_type") or "cell")
        head = f"--- cell {number} ({kind}{f', id {name[:60]}' if name else ''})"
        source = _joined(cell.get("source", cell.get("input")))
        outputs = "".join(f"\n--- output of cell {number}\n{each}" for each in _outputs(cell.get("outputs")))
        names = {name.casefold(), str(number), f"cell-{number}"} - {""}
        done.append((names, f"{head}\n{source}{outputs}"))
    return done


def _outputs(outputs: JsonValue) -> Iterator[str]:
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        if output.get("output_type") in {"error", "pyerr"}:
            shown = f"{output.get('ename')}: {output.get('evalue')}"
        elif isinstance(data, dict):
            kinds = ", ".join(sorted(data))
            shown = _joined(data["text/plain"]) if "text/plain" in data else f"[{kinds}, not shown]"
            pictures = [kind for kind in sorted(data) if kind.startswith("image/")]
            shown += f"\n[{', '.join(pictures)}, not shown]" if pictures and "text/plain" in data else ""
        else:
            shown = _joined(output.get("text"))
        if shown.strip():
            yield shown if len(shown) <= _OUTPUT_MOST else shown[:_OUTPUT_MOST] + "\n[the rest is not shown]"


def _joined(value: JsonValue) -> str:
    """Notebooks hold text whole or line by line."""
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str)).rstrip("\n")
    return value.rstrip("\n") if isinstance(value, str) else ""
