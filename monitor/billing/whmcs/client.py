"""One call of WHMCS's API: bounded in time and size, its credentials nowhere but in its body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from credits.billing.ports import PanelSilent
from monitor.alerting.channels.http_exchange import Answered, HttpExchange, Outgoing
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.channels.masking import masked
from monitor.alerting.ports import Permanent, Transient
from monitor.billing.kind import Sleep
from monitor.billing.whmcs.answers import PanelRefused, read_answer
from monitor.billing.whmcs.spec import WhmcsSpec
from monitor.domain.secret import SecretMissing

_LARGEST = 4 * 1024 * 1024
_TRIES = 3
_REST_S, _LONGEST_REST_S = 2.0, 30.0


class WhmcsClient:
    """No error of it holds a secret of the specification."""

    def __init__(self, spec: WhmcsSpec, given: ChannelDependencies, sleep: Sleep) -> None:
        self._spec = spec
        self._exchange = HttpExchange(given)
        self._sleep = sleep

    async def read(self, action: str, **fields: str) -> Mapping[str, Any]:
        """What an action that changes nothing answers; tried again where there was no answer.
        Raises PanelSilent, PanelRefused."""
        for left in reversed(range(_TRIES)):
            try:
                return await self.call(action, **fields)
            except _TryAgain as error:
                if not left:
                    raise
                await self._sleep(min(error.rest_s, _LONGEST_REST_S))
        raise AssertionError("unreachable")

    async def call(self, action: str, **fields: str) -> Mapping[str, Any]:
        """The same, asked once. Raises PanelSilent, PanelRefused."""
        try:
            answered = await self._exchange.ask(self._asked(action, fields), most=_LARGEST)
            return read_answer(_body(answered))
        except SecretMissing as error:
            raise PanelSilent(str(error)) from None
        except Transient as error:
            rest = _REST_S if error.retry_after is None else error.retry_after
            raise _TryAgain(masked(str(error), self._spec), rest) from None
        except Permanent as error:
            raise PanelSilent(masked(str(error), self._spec)) from None
        except PanelRefused as error:
            raise PanelRefused(masked(str(error), self._spec)) from None
        except PanelSilent as error:
            raise PanelSilent(masked(str(error), self._spec)) from None

    def _asked(self, action: str, fields: Mapping[str, str]) -> Outgoing:
        spec = self._spec
        said = {
            "identifier": spec.identifier.reveal(),
            "secret": spec.secret.reveal(),
            **({} if spec.access_key is None else {"accesskey": spec.access_key.reveal()}),
            "action": action,
            "responsetype": "json",
            **fields,
        }
        return Outgoing(
            url=spec.url,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            body=urlencode(said).encode(),
            ca_file=spec.ca_file,
            timeout_s=spec.timeout_s,
        )


class _TryAgain(PanelSilent):
    """It may answer later."""

    def __init__(self, reason: str, rest_s: float = _REST_S) -> None:
        super().__init__(reason)
        self.rest_s = rest_s


def _body(answered: Answered) -> bytes:
    """The body of an answer that is one. WHMCS answers a refusal by 200 or by 4xx, as JSON."""
    if answered.status == 429 or answered.status >= 500:
        raise Transient(f"status {answered.status}", answered.retry_after)
    if 300 <= answered.status < 400:
        raise PanelSilent(f"status {answered.status}: it leads elsewhere, and is not followed")
    return answered.body
