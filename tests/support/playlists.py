"""A playlist read at once, where nobody else wants the loop."""

from __future__ import annotations

from collections.abc import Mapping

from probes.hls.playlist import Playlist, parse_in_slices


def parse_playlist(body: bytes, url: str, imported: Mapping[str, str] | None = None) -> Playlist:
    """See `parse_in_turns`."""
    turns = parse_in_slices(body, url, imported or {})
    while True:
        try:
            next(turns)
        except StopIteration as end:
            playlist: Playlist = end.value
            return playlist
