"""Why a door elsewhere could not be asked: one sentence each, for whoever types commands."""

from __future__ import annotations

from monitor.domain.refusals import Refused


class DoorError(Exception):
    """Nothing was answered that a command could go on with. The text is the sentence."""


class NotAsked(DoorError):
    """It was never asked: the address, or what is saved for it, is not as it has to be."""


class Unreachable(DoorError):
    """Nobody answered, or not in time, or not under a certificate that holds."""


class TimedOut(Unreachable):
    """No answer within the time for it: whether it was done is not known."""


class Lost(Unreachable):
    """The connection ended between the request and its answer: whether it was done is not known."""


class NoEstado(DoorError):
    """Something answered, and it is no door of this product, or of another version."""


class Later(DoorError):
    """Too much at once, or a part of the product is away: the same may work in a while."""


class SignInNeeded(DoorError):
    """The credential opens nothing there, or there is none."""


class RefusedThere(Refused):
    """A refusal for which this version has no words: `detail` is the door's own sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.detail = detail
