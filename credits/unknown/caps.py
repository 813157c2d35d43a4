"""Whether an invoice line still has room for what a ruling would give of it.

While a credit waits it takes none of its line's cap, and later months may have taken it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from credits.contract import Contract, ContractId
from credits.life.credit import Assumed, CreditId, CreditRecord, LineKey
from credits.life.ledger import in_minor_units
from credits.money import round_money


def beyond_cap(
    records: Iterable[CreditRecord],
    assumed: Assumed,
    contracts: Mapping[ContractId, Contract],
    credited: Mapping[LineKey, int],
) -> list[CreditId]:
    """Those that would give of a line more than is left of it. `credited` is what lines have given
    or may still give, in minor units. A line that nobody has any more has no cap to hold."""
    given = defaultdict[LineKey, int](int, credited)
    found: list[CreditId] = []
    for record in records:
        caps = _caps(record, contracts)
        for line in record.credit.lines:
            minor, key = in_minor_units(line.under(assumed)), record.credit.line_key(line)
            given[key] += minor
            if minor > 0 and key in caps and given[key] > caps[key]:
                found.append(record.id)
                break
    return found


def _caps(record: CreditRecord, contracts: Mapping[ContractId, Contract]) -> Mapping[LineKey, int]:
    """What each line of its contract may give under its terms, in minor units."""
    contract = contracts.get(record.credit.key.contract)
    wanted = record.credit.key.terms_hash
    periods = () if contract is None else contract.terms
    terms = next((p.terms for p in periods if p.terms.hash == wanted), None)
    if contract is None or terms is None:
        return {}
    return {
        LineKey(contract.id, *segment.key): in_minor_units(
            round_money(
                Fraction(segment.net.amount)
                * Fraction(segment.weight)
                * Fraction(terms.cap_fraction),
                segment.net.currency,
                terms.rounding,
            )
        )
        for segment in contract.segments
    }
