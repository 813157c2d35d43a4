"""`webhook`: a billing system of one's own, asked by signed JSON over HTTPS.

Three questions, told apart by `type`: how a customer stands (`credit.standing`), what the log has
of a credit (`credit.find`), and to apply one (`credit.apply`, whose Idempotency-Key is the credit's
id). Any answer but 200 with the fields that are wanted is no answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from credits.billing.ports import Entry, PanelSilent, Payment, Standing
from credits.life.applying import Account
from monitor.alerting.channels.http_exchange import HttpExchange, Outgoing
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.channels.masking import masked
from monitor.alerting.channels.webhook import signature
from monitor.alerting.ports import Permanent, Transient
from monitor.billing.kind import PanelKind, Sleep
from monitor.billing.whmcs.answers import amount, text
from monitor.billing.whmcs.spec import LONGEST_S, checked_https
from monitor.domain.secret import Secret, SecretMissing
from monitor.registry import EXTRA_FORBIDDEN, required, setting

_LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingWebhookSpec:
    """One address for all three questions."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str = required("where to ask, by https")
    secret: Secret = required("signs each question (HMAC-SHA256): ${ENV} or file:/path")
    dry_run: bool = setting("read everything and apply nothing", True)
    ca_file: str | None = setting("PEM file of the roots to trust instead of the system's", None)
    timeout_s: float = setting("seconds that each call may take", 20.0)

    def __post_init__(self) -> None:
        checked_https(self.url)
        if not 0 < self.timeout_s <= LONGEST_S:
            wanted = f"timeout_s must be above 0 and at most {LONGEST_S}"
            raise ValueError(f"{wanted}, got {self.timeout_s:g}")


class WebhookPanel:
    """Implements `credits.billing.ports.BillingPanel`."""

    kind = "webhook"
    is_by_hand = False

    def __init__(self, spec: BillingWebhookSpec, given: ChannelDependencies) -> None:
        self._spec = spec
        self._clock = given.clock
        self._exchange = HttpExchange(given)
        self.is_rehearsal = spec.dry_run

    async def standing(self, payment: Payment) -> Standing:
        answer = await self._ask("credit.standing", payment)
        try:
            account = Account(text(answer.get("account"), "account"))
        except ValueError:
            raise PanelSilent("credit.standing: no account") from None
        currency = text(answer.get("currency"), "currency")
        if account is not Account.DELETED and currency != payment.amount.currency:
            detail = f"the client's balance is in {currency}, not {payment.amount.currency}"
            return Standing(refused="other_currency", detail=detail)
        refused = text(answer.get("refused", ""), "refused")
        if refused:
            return Standing(refused="panel_says_no", detail=refused)
        return Standing(account=account)

    async def find(self, payment: Payment) -> Sequence[Entry]:
        answer = await self._ask("credit.find", payment)
        found = answer.get("found")
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise PanelSilent("credit.find: no list of what was found")
        return [
            Entry(
                reference=text(one.get("reference"), "reference"), amount=amount(one.get("amount"))
            )
            for one in found
        ]

    async def apply(self, payment: Payment) -> str:
        answer = await self._ask("credit.apply", payment)
        reference = text(answer.get("reference"), "reference")
        if not reference:
            raise PanelSilent("credit.apply: no reference")
        return reference

    async def _ask(self, question: str, payment: Payment) -> Mapping[str, Any]:
        """Asked once: who answers late is asked again in the next pass. Raises PanelSilent."""
        try:
            answered = await self._exchange.ask(self._outgoing(question, payment), most=_LARGEST)
        except (Transient, Permanent) as error:
            raise PanelSilent(masked(str(error), self._spec)) from None
        except SecretMissing as error:
            raise PanelSilent(str(error)) from None
        if answered.status != 200:
            raise PanelSilent(f"{question}: status {answered.status}")
        try:
            found = json.loads(answered.body)
        except (ValueError, RecursionError):
            raise PanelSilent(f"{question}: no JSON") from None
        if not isinstance(found, dict):
            raise PanelSilent(f"{question}: no object")
        return found

    def _outgoing(self, question: str, payment: Payment) -> Outgoing:
        body = json.dumps(
            {
                "type": question,
                "credit_id": payment.credit,
                "client_id": payment.client_id,
                "service_id": payment.service_id,
                "invoices": list(payment.invoices),
                "amount": f"{payment.amount.amount:f}",
                "currency": payment.amount.currency,
                "description": payment.description,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        return Outgoing(
            url=self._spec.url,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Accept-Encoding": "identity",
                "Idempotency-Key": payment.credit,
                "X-Estado-Signature": signature(
                    self._spec.secret.reveal(), self._clock.now(), body
                ),
            },
            body=body,
            ca_file=self._spec.ca_file,
            timeout_s=self._spec.timeout_s,
        )


def _build(spec: BillingWebhookSpec, given: ChannelDependencies, sleep: Sleep) -> WebhookPanel:
    return WebhookPanel(spec, given)


KIND = PanelKind(
    name="webhook", spec=BillingWebhookSpec, build=_build, summary="a billing system of one's own"
)
