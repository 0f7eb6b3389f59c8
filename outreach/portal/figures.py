"""Count the portal's answers for monitoring, in the format of Prometheus."""

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.routing import Route

TYPE = CONTENT_TYPE_LATEST


class Figures:
    """The figures of one portal."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "outreach_portal_answers", "Answers", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "outreach_portal_answer_seconds", "Time of an answer", registry=self._registry
        )
        self._runs = Gauge("outreach_runs", "Complete runs", registry=self._registry)
        self._damaged = Gauge("outreach_damaged_runs", "Damaged runs", registry=self._registry)

    def note_answer(self, request: Request, status: int, seconds: float) -> None:
        """Count one answer by its route, never by its whole address."""
        route = request.scope.get("route")
        name = route.path if isinstance(route, Route) else "none"
        self._answers.labels(name, str(status)).inc()
        self._seconds.observe(seconds)

    def write(self, runs: int, damaged: int) -> bytes:
        """Return all figures as text."""
        self._runs.set(runs)
        self._damaged.set(damaged)
        return generate_latest(self._registry)
