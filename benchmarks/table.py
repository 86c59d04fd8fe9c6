"""What a benchmark answers: rows to look at, and bounds that hold or do not."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.table import Table as Drawn


@dataclass
class Table:
    """A title, column names, and rows of cells. `holds`: whether every bound in it does."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    holds: bool = True

    def bound(self, *cells: str, holds: bool) -> None:
        """A row whose last cell says whether its bound holds."""
        self.rows.append((*cells, "yes" if holds else "NO"))
        self.holds = self.holds and holds

    def drawn(self) -> Drawn:
        """For a terminal."""
        drawn = Drawn(title=self.title, box=None, pad_edge=False, title_justify="left", header_style="bold")
        for number, name in enumerate(self.columns):
            drawn.add_column(name, justify="left" if number == 0 else "right")
        for row in self.rows:
            drawn.add_row(*row)
        return drawn

    def as_markdown(self) -> str:
        """For the docs."""
        align = ["---", *("---:" for _ in self.columns[1:])]
        return "\n".join("| " + " | ".join(line) + " |" for line in (self.columns, tuple(align), *self.rows))

    def as_json(self) -> dict[str, object]:
        """For `results.json`."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": rows, "holds": self.holds}
