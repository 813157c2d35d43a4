"""One JSON document to an address of a stranger's choice. Reasons say what went wrong and never
where, nor what was answered: they go into the log."""

from __future__ import annotations

from collections.abc import Callable

from monitor.alerting.channels.http_exchange import HttpExchange, Outgoing
from monitor.alerting.ports import Permanent, ReceiverGone, Transient
from monitor.subscribers.channels.kind import ReceiverMissing

TIMEOUT_S = 10.0
JSON = {"Content-Type": "application/json; charset=utf-8"}


class HookConnection:
    """Sends by a new connection each time, and follows no redirect: whoever answers may not choose
    where else a message goes. 410 is gone; 404 is missing; anything else may work later."""

    def __init__(
        self, exchange: HttpExchange, *, ca_file: str | None = None, is_gone: _Judge | None = None
    ) -> None:
        self._exchange = exchange
        self._ca_file = ca_file
        self._is_gone = is_gone or (lambda status: status == 410)

    async def send(self, address: str, written: bytes) -> None:
        """As `Connection.send` says."""
        statuses: list[int] = []

        def is_refusal(status: int) -> bool:
            statuses.append(status)
            return self._is_gone(status)

        outgoing = Outgoing(
            url=address, headers=JSON, body=written, ca_file=self._ca_file, timeout_s=TIMEOUT_S
        )
        try:
            await self._exchange.send(outgoing, is_refusal)
        except Permanent as error:
            if statuses:
                raise ReceiverGone(f"status {statuses[0]}") from None
            # The guard, or an address that cannot be asked: where its name leads may be mended.
            raise Transient(f"not asked: {type(error.__cause__).__name__}") from None
        except Transient as error:
            if statuses == [404]:
                raise ReceiverMissing("status 404", error.retry_after) from None
            cause = type(error.__cause__).__name__
            reason = f"status {statuses[0]}" if statuses else f"no answer: {cause}"
            raise Transient(reason, error.retry_after) from None

    def close(self) -> None:
        """Nothing stays open."""


_Judge = Callable[[int], bool]
