"""Logs: events with fields; lines for a person on a terminal, JSON everywhere else."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logs(role: str, *, verbose: bool = False) -> None:
    """Send everything to stderr. JSON in production: a logfmt renderer lets ESC through."""
    is_terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=is_terminal)
        if is_terminal
        else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if verbose else logging.INFO
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(role=role)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")


class ConnectivityLog:
    """Logs once that the monitor is offline or without resolver, and once that it is over."""

    def __init__(self) -> None:
        self._was_offline = self._was_unresolved = False

    def report(self, *, is_offline: bool, is_unresolved: bool) -> None:
        self._log_offline(is_offline=is_offline)
        if is_unresolved and not self._was_unresolved:
            structlog.get_logger().warning(
                "monitor.no_resolver",
                meaning="our name servers find nothing: what is checked by name shows no data",
                hint="check resolv.conf, or operations.resolver",
            )
        elif self._was_unresolved and not is_unresolved:
            structlog.get_logger().info("monitor.resolves")
        self._was_unresolved = is_unresolved

    def _log_offline(self, *, is_offline: bool) -> None:
        if is_offline and not self._was_offline:
            structlog.get_logger().warning(
                "monitor.blind",
                meaning="the connectivity targets do not answer: outside hosts show no data",
                hint="check the line of this machine, or try: make demo",
            )
        elif self._was_offline and not is_offline:
            structlog.get_logger().info("monitor.sees")
        self._was_offline = is_offline
