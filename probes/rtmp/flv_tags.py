"""Whether a message of sound or picture is a packet to be played: FLV's tags, Enhanced RTMP too.

A codec's header configures the player. Servers store it for every new client; it proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from probes.rtmp.chunks import AGGREGATE, AUDIO, VIDEO, Message

_AAC, _ENHANCED_AUDIO = 10, 9
_COMPOSED = frozenset({7, 12, 13})
"""Video codecs with a packet type of their own: AVC, and HEVC and AV1 as some servers send them."""
_COMMAND_FRAME = 5
_CODED = 1
_CODED_X, _MULTITRACK_VIDEO, _MULTITRACK_AUDIO = 3, 6, 5
_TAG_HEAD, _TAG_TAIL = 11, 4
_MOST_TAGS = 1000
"""How many tags of an aggregate are checked, until one is to be played."""


def media_kind(message: Message) -> str | None:
    """`audio`, `video`, or None where there is nothing to play.

    >>> media_kind(Message(type=AUDIO, stream=1, payload=bytes((0xAF, 0, 0x12, 0x10))))
    >>> media_kind(Message(type=AUDIO, stream=1, payload=bytes((0xAF, 1, 0x21, 0x10))))
    'audio'
    """
    if message.type == AUDIO:
        return "audio" if _is_sound(message.payload) else None
    if message.type == VIDEO:
        return "video" if _is_picture(message.payload) else None
    if message.type == AGGREGATE:
        return next((kind for kind in map(media_kind, _within(message)) if kind), None)
    return None


def _is_sound(payload: bytes) -> bool:
    if len(payload) < 2:
        return False
    codec = payload[0] >> 4
    if codec == _ENHANCED_AUDIO:
        return payload[0] & 15 in (_CODED, _MULTITRACK_AUDIO)
    return len(payload) > 2 and payload[1] == _CODED if codec == _AAC else True


def _is_picture(payload: bytes) -> bool:
    if len(payload) < 2:
        return False
    if payload[0] & 0x80:
        return payload[0] & 15 in (_CODED, _CODED_X, _MULTITRACK_VIDEO)
    if payload[0] >> 4 == _COMMAND_FRAME:
        return False
    return payload[1] == _CODED if payload[0] & 15 in _COMPOSED else True


def _within(message: Message) -> Iterator[Message]:
    """The messages that an aggregate holds, each with a head and its size behind it."""
    at, payload = 0, message.payload
    for _ in range(_MOST_TAGS):
        if at + _TAG_HEAD > len(payload):
            return
        size = int.from_bytes(payload[at + 1 : at + 4], "big")
        begins = at + _TAG_HEAD
        kind = payload[at]
        if kind in (AUDIO, VIDEO):
            yield Message(type=kind, stream=message.stream, payload=payload[begins : begins + size])
        at = begins + size + _TAG_TAIL
