"""Whether an invoice line still has room for what a ruling would give of it.

While a credit waits it takes none of its line's cap, and later months may have taken it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from credits.contract import Contract, ContractId
from credits.journal import BillingTransaction
from credits.life.credit import Assumed, CreditId, CreditRecord, LineKey
from credits.life.ledger import in_minor_units
from credits.money import round_money
from credits.terms import Terms
from monitor.domain.refusals import Refused

_IMPORTED = ("contract.imported", "contract.revised")
_PAGE = 500
_MOST_SAID = 20
_Place = tuple[str, LineKey]
"""A set of terms, by hash, and a line."""


@dataclass(slots=True)
class KnownCaps:
    """What lines may give under the terms of credits, in minor units; `seen` is the newest change
    when reading began. A line that nobody has any more has no cap to hold."""

    seen: int
    _caps: dict[_Place, int] = field(default_factory=dict)

    def read(self, tx: BillingTransaction, held: Collection[CreditRecord]) -> None:
        contracts = tx.contracts.some({one.credit.key.contract for one in held})
        for one in held:
            self._caps |= _caps_of(one, contracts)

    def refuse_beyond(
        self, tx: BillingTransaction, held: Sequence[CreditRecord], assumed: Assumed
    ) -> None:
        """Raises Refused, by name, where a line would give more than its cap: with what it has
        given and may still give as of this transaction."""
        self._read_anew(tx, held)
        found: list[CreditId] = []
        for own in _by_contract([one for one in held if _gives(one, assumed)]):
            credited = tx.credits.credited({one.credit.key.contract for one in own})
            found += self._beyond(own, assumed, dict(credited))
        if found:
            raise Refused("ruling.beyond_cap", count=len(found), names=named(found))

    def _read_anew(self, tx: BillingTransaction, held: Sequence[CreditRecord]) -> None:
        """What an import has changed meanwhile."""
        moved = {change.subject for change in tx.changes.of_kinds(_IMPORTED, self.seen)}
        if moved:
            self.read(tx, [one for one in held if one.credit.key.contract in moved])

    def _beyond(
        self, held: Sequence[CreditRecord], assumed: Assumed, given: dict[LineKey, int]
    ) -> list[CreditId]:
        found = list[CreditId]()
        for one in held:
            for line in one.credit.lines:
                key, minor = one.credit.line_key(line), in_minor_units(line.under(assumed))
                given[key] = given.get(key, 0) + minor
                cap = self._caps.get((one.credit.key.terms_hash, key))
                if minor > 0 and cap is not None and given[key] > cap:
                    found.append(one.id)
                    break
        return found


def _gives(one: CreditRecord, assumed: Assumed) -> bool:
    return any(line.under(assumed).amount > 0 for line in one.credit.lines)


def _caps_of(one: CreditRecord, contracts: Mapping[ContractId, Contract]) -> Mapping[_Place, int]:
    contract, wanted = contracts.get(one.credit.key.contract), one.credit.key.terms_hash
    periods = () if contract is None else contract.terms
    terms = next((p.terms for p in periods if p.terms.hash == wanted), None)
    if contract is None or terms is None:
        return {}
    return _of_lines(contract, terms)


def _of_lines(contract: Contract, terms: Terms) -> Mapping[_Place, int]:
    share = Fraction(terms.cap_fraction)
    return {
        (terms.hash, LineKey(contract.id, *segment.key)): in_minor_units(
            round_money(
                Fraction(segment.net.amount) * Fraction(segment.weight) * share,
                segment.net.currency,
                terms.rounding,
            )
        )
        for segment in contract.segments
    }


def _by_contract(held: Sequence[CreditRecord]) -> Sequence[Sequence[CreditRecord]]:
    """Some hundreds together; those of one contract never apart, for they share its lines."""
    parts: list[list[CreditRecord]] = []
    for one in sorted(held, key=lambda one: one.credit.key):
        is_full = bool(parts) and len(parts[-1]) >= _PAGE
        if not parts or (is_full and parts[-1][-1].credit.key.contract != one.credit.key.contract):
            parts.append([])
        parts[-1].append(one)
    return parts


def named(names: Sequence[CreditId]) -> str:
    """By name; of very many the first.

    >>> named([CreditId("BON-2"), CreditId("BON-1")])
    'BON-1, BON-2'
    """
    more = f" +{len(names) - _MOST_SAID}" if len(names) > _MOST_SAID else ""
    return ", ".join(sorted(names)[:_MOST_SAID]) + more
