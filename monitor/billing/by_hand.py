"""`csv`: people carry the credits. What is handed out waits in a file, with its token, until they
confirm it by the references that their panel gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from credits.billing.ports import Entry, PanelSilent, Payment, Standing
from credits.billing.steps import BY_HAND
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.billing.kind import PanelKind, Sleep
from monitor.registry import EXTRA_FORBIDDEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHandSpec:
    """People need no settings."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN


class PeopleByFile:
    """Implements `credits.billing.ports.BillingPanel`. Nothing can be asked here: how a customer
    stands is what the imported contracts say."""

    kind = BY_HAND
    is_by_hand = True
    is_rehearsal = False

    async def standing(self, payment: Payment) -> Standing:
        return Standing()

    async def find(self, payment: Payment) -> Sequence[Entry]:
        return ()

    async def apply(self, payment: Payment) -> str:
        raise PanelSilent("people say what came of it")


def _build(spec: ByHandSpec, dependencies: ChannelDependencies, sleep: Sleep) -> PeopleByFile:
    return PeopleByFile()


KIND = PanelKind(
    name=BY_HAND, spec=ByHandSpec, build=_build, summary="a file that people import and confirm"
)
