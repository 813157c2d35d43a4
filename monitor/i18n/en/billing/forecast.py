"""What the console says of what the month under way will come to, in English."""

from __future__ import annotations

from monitor.i18n.forms.billing.forecast import ForecastWords

FORECAST = ForecastWords(
    title="Forecast for {m}",
    note=(
        "How much each contract has used of the downtime that its guarantee allows in the month. "
        "What has not come yet is taken to work."
    ),
    counted_at="Counted at {t}",
    nothing_sold="No contract is in force this month.",
    fleet="All contracts",
    contracts="Contracts",
    reached="From {p} % on",
    broken="Guarantee broken",
    down="With an outage that goes on",
    next_breach="The next guarantee is broken",
    due_then="Once each is broken",
    due_later="An hour later",
    in_time="in {d}, at {t}",
    nothing="nothing",
    by_terms="By terms",
    of_contracts=("{n} contract", "{n} contracts"),
    caused_by="Because of {c}",
    still_down="goes on",
    worst="Contracts, the worst first",
    worst_note="No contract has used anything this month.",
    contract="Contract",
    client="Client",
    used="Used",
    breaks_at="Is broken",
    then="Then",
    later="An hour more",
    is_broken="broken",
    more=("And another one that used something.", "And {n} others that used something."),
)
