"""A transcript that remembers."""

from __future__ import annotations


class RecordingTranscript:
    """`>` sent, `<` received, `*` note, by line; a `monitor.domain.checks.probe.Transcript`."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def sent(self, words: str) -> None:
        self._keep(">", words)

    def received(self, words: str) -> None:
        self._keep("<", words)

    def note(self, words: str) -> None:
        self._keep("*", words)

    def _keep(self, mark: str, words: str) -> None:
        self.lines.extend(f"{mark} {line}" for line in words.splitlines())
