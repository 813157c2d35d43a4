"""Whether a live playlist's edge advances, compared with what former runs saw.

One address may have several caches, and one may be a segment behind another, so the furthest number
counts. Dates come from the encoder and may be off; only their progress is trusted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from time import monotonic
from urllib.parse import urlsplit

from monitor.net.errors import ProbeFailure
from monitor.net.session import Session
from probes.hls.failures import LIVE_EDGE_LAG, SEQUENCE_RESET, STALE_PLAYLIST
from probes.hls.playlist import SPEC_VIOLATION, Playlist

_STALE_AFTER = 1.5
"""Multiples of the target duration without a new segment (RFC 8216 6.2.2)."""
_JITTER_S = 1.0
_URI_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class EdgeState:
    """What former runs saw; times are on the machine's monotonic clock.

    `newest` is the furthest number, first seen at `advanced_at`. `behind` is where the edge was
    when it was first seen behind that. `lag_s` is by how much the date was off at `lag_at`.
    """

    newest: int
    uri: str
    advanced_at: float
    behind: int | None = None
    lag_s: float | None = None
    lag_at: float = 0.0

    @classmethod
    def read(cls, raw: bytes | None, now: float) -> EdgeState | None:
        """None where there is no state, or where the machine was restarted since."""
        try:
            newest, uri, advanced_at, *rest = json.loads(raw or b"")
            behind, lag_s, lag_at = rest or (None, None, 0.0)
            found = cls(
                int(newest),
                str(uri),
                float(advanced_at),
                None if behind is None else int(behind),
                None if lag_s is None else float(lag_s),
                float(lag_at),
            )
        except (ValueError, TypeError):
            return None
        return found if found.advanced_at <= now else None

    def dump(self) -> bytes:
        fields = (self.newest, self.uri[:_URI_LIMIT], self.advanced_at)
        whole = [*fields, self.behind, self.lag_s, self.lag_at]
        return json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace")


class Edge:
    """The edge of one playlist, compared with the stored state. The new state is stored for the
    next run, even where ProbeFailure is raised."""

    def __init__(self, session: Session, playlist: Playlist) -> None:
        self._session = session
        self._playlist = playlist
        self._now = monotonic()
        self._before = EdgeState.read(session.memory, self._now)
        self._fresh = EdgeState(playlist.last_number, playlist.last_uri, self._now)

    def follow(self) -> ProbeFailure | None:
        """Compare the edge. Returns a finding that is no outage. Raises `stale_playlist`."""
        before, number = self._before, self._playlist.last_number
        if before is None or number > before.newest:
            self._store(self._fresh_with_lag())
            return None
        if number + len(self._playlist.lengths_s) < before.newest:
            return self._reset(before)
        self._session.evidence["unchanged_s"] = round(self._age_s(before), 1)
        if number < before.newest:
            return self._lagging(before)
        self._store(replace(before, uri=self._playlist.last_uri, behind=None))
        # An address with a session changes at each fetch, so the age is checked first.
        self._check_age(before)
        if _name(before.uri) != _name(self._playlist.last_uri) and len(before.uri) < _URI_LIMIT:
            return ProbeFailure(SPEC_VIOLATION, f"segment {number} has another URI than before")
        return None

    def lag(self, wall_s: float, limit_s: float) -> ProbeFailure | None:
        """The finding that the edge is old by its date, unless the date is wrong: then it is off by
        the same time in each run. Call it after `follow`."""
        newest = self._playlist.newest
        if newest is None or newest.ends_at is None:
            return None
        lag_s = wall_s - newest.ends_at
        self._session.evidence["edge_lag_s"] = round(lag_s, 1)
        if abs(lag_s) <= limit_s:
            self._anchor(None, 0.0)
            return None
        if self._is_constant(lag_s):
            self._session.evidence["encoder_clock_off_s"] = round(-lag_s)
            return None
        if lag_s < 0:
            return None
        return ProbeFailure(
            LIVE_EDGE_LAG, f"the live edge is {lag_s:.0f} s old by its programme date"
        )

    def _is_constant(self, lag_s: float) -> bool:
        """Whether the edge advanced in real time since the date was first seen to be off."""
        before, target_s = self._before, self._playlist.target_s
        if (
            before is None
            or before.lag_s is None
            or abs(lag_s - before.lag_s) > target_s + _JITTER_S
        ):
            self._anchor(lag_s, self._now)
            return False
        return self._now - before.lag_at >= _STALE_AFTER * target_s + _JITTER_S

    def _anchor(self, lag_s: float | None, at: float) -> None:
        state = EdgeState.read(self._session.memory, self._now) or self._fresh
        self._store(replace(state, lag_s=lag_s, lag_at=at))

    def _lagging(self, before: EdgeState) -> ProbeFailure | None:
        number = self._playlist.last_number
        self._session.evidence["edge_behind"] = before.newest - number
        has_moved = before.behind is not None and number > before.behind
        if has_moved and self._age_s(before) > self._limit_s:
            # It advances, and no cache is further any more: the numbers began anew.
            return self._reset(before)
        behind = number if before.behind is None else before.behind
        self._store(replace(before, behind=behind))
        self._check_age(before)
        return None

    def _reset(self, before: EdgeState) -> ProbeFailure:
        self._store(self._fresh_with_lag())
        number = self._playlist.last_number
        return ProbeFailure(SEQUENCE_RESET, f"segment {number} after {before.newest}")

    def _check_age(self, before: EdgeState) -> None:
        age_s = self._age_s(before)
        if age_s > self._limit_s:
            raise ProbeFailure(STALE_PLAYLIST, f"no new segment for {age_s:.0f} s")

    def _fresh_with_lag(self) -> EdgeState:
        if self._before is None:
            return self._fresh
        return replace(self._fresh, lag_s=self._before.lag_s, lag_at=self._before.lag_at)

    def _store(self, state: EdgeState) -> None:
        self._session.memory = state.dump()

    def _age_s(self, before: EdgeState) -> float:
        return self._now - before.advanced_at

    @property
    def _limit_s(self) -> float:
        return _STALE_AFTER * self._playlist.target_s


def _name(uri: str) -> str:
    """The last part of its path: signatures and sessions change what stands around that."""
    return urlsplit(uri).path.rpartition("/")[2].partition(";")[0]
