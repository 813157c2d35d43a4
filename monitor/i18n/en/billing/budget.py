"""The words of messages about a used up allowance, in English."""

from __future__ import annotations

from monitor.i18n.forms.billing.budget import BudgetAlertWords

BUDGET_ALERT = BudgetAlertWords(
    used="BUDGET {p} % used: {c}",
    broken="GUARANTEE BROKEN: {c}",
    back="BUDGET below {p} %: {c}",
    several_terms="{n} sets of terms",
    contracts=("{n} contract", "{n} contracts"),
    used_head="BUDGET  {p} % of the downtime that the guarantee allows in {month} is used: {c}",
    broken_head="GUARANTEE BROKEN  More downtime in {month} than is allowed: {c}",
    back_head="BUDGET  In {month} it is below the {p} % that were reported: {c}",
    breaks="The outage goes on. If it does not end before, the guarantee is broken at {t} ({u}).",
    no_outage="No outage that counts goes on now: nobody has to get up for this message.",
    goes_on="The outage goes on, and each minute costs more.",
    over="No outage that counts goes on any more: what is left is to decide credits as asked for.",
    back_means=(
        "Time was left out, or a result corrected. Nothing has to be done; if that level is "
        "reached again, there is another message."
    ),
    terms="Terms",
    terms_row="{c}: {d} of {m} ({p} %), {n}",
    at_level="{n} reached {p} %",
    of_them_broken="{n} broken already",
    possible="and perhaps {d} more, without data",
    back_row="{c}: now {d} of {m} ({p} %), {n}",
    cause="Cause",
    cause_row="{c}: {d}",
    still=", goes on",
    money="Money",
    due_then="Once it is broken: {a}",
    due_now="Until now: {a}",
    due_later="An hour later: {a}",
    nothing_due="If nothing else happens, nothing is due.",
    only_unknown_amount="It is broken, and no invoice is there to compute it from.",
    close=(
        "One message a level, terms and month. Only what was seen down counts: time of which "
        "nothing is known causes none. No need to answer."
    ),
)
