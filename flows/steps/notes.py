"""Collect the sentences that a run has for people."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Notes:
    """Sentences for people, in the order in which steps add them, each once."""

    _sentences: dict[str, None] = field(default_factory=dict)

    def add(self, *sentences: str) -> None:
        """Add sentences; empty ones and repetitions are left out."""
        self.extend(sentences)

    def extend(self, sentences: Iterable[str]) -> None:
        """Add every sentence of a collection; empty ones and repetitions are left out."""
        self._sentences.update(dict.fromkeys(filter(None, sentences)))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything added so far."""
        return tuple(self._sentences)
