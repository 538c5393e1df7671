"""Structured logs on standard error, from which no secret can be read."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "***"


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is now: a prompt replaces it so as to stay below what is printed."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _without_traceback(record: logging.LogRecord) -> bool:
    """Keep what libraries warn of to a line: their tracebacks end in the network, not in a bug."""
    if not record.name.startswith("bot"):
        record.exc_info = record.exc_text = record.stack_info = None
    return True


class _Redacting(logging.Formatter):
    """Takes secrets out of the finished line, wherever in it they came from."""

    def __init__(self, inner: logging.Formatter, secrets: Sequence[str]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line


def configure(level: str, form: str, secrets: Sequence[str]) -> None:
    """Send the project's logs, and the libraries' warnings, to standard error as text or JSON lines."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exceptions_without_values if form == "text" else structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # Never with local variables: tokens are among them.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    handler = _Stderr()
    handler.addFilter(_without_traceback)
    handler.setFormatter(_Redacting(formatter, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # It warns at each start that SLACK_BOT_TOKEN, which it reads by itself, is given twice.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    logging.getLogger("bot").setLevel(level.upper())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _exceptions_without_values(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Leave exceptions to the console renderer, which shows them below the line."""
    return event
