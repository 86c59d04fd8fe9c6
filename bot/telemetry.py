"""Logs for operators and the counters behind `/metrics`. Nothing secret goes in: values are named, never dumped."""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from typing import Literal

import structlog


def configure_logs(form: Literal["console", "json"] | None, *, level: int = logging.INFO) -> None:
    """Log lines to stderr: for people on a terminal, as JSON elsewhere."""
    form = form or ("console" if sys.stderr.isatty() else "json")
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        # Without local variables: among them are prompts, people's texts, and keys.
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if form == "console"
        else [
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
            ),
            structlog.processors.JSONRenderer(),
        ]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries speak up only when something is wrong. httpx2 would log every URL at INFO.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


class Counts:
    """Counters by name and label, read by `/metrics`."""

    def __init__(self) -> None:
        """All at zero."""
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, label: str = "") -> None:
        """One more."""
        with self._lock:
            self._counts[name, label] += 1

    def get(self, name: str, label: str = "") -> int:
        """How many so far in this process."""
        return self._counts[name, label]

    def text(self) -> str:
        """Prometheus text format, version 0.0.4."""
        with self._lock:
            counts = sorted(self._counts.items())
        lines: list[str] = []
        for (name, label), count in counts:
            metric = f"needs_plan_{name}_total"
            head = f"# TYPE {metric} counter"
            if head not in lines:
                lines.append(head)
            lines.append(f'{metric}{{kind="{label}"}} {count}' if label else f"{metric} {count}")
        return "\n".join(lines) + "\n"
