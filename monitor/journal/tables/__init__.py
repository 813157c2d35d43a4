"""The journal's tables; `METADATA` knows them all."""

from monitor.journal.tables.accounts import access_token, account, account_session
from monitor.journal.tables.base import METADATA
from monitor.journal.tables.credit import (
    credit,
    credit_event,
    ledger_entry,
    ruling,
    ruling_credit,
)
from monitor.journal.tables.customers import contract_name, customer_name
from monitor.journal.tables.feed import (
    change,
    change_counter,
    core_epoch,
    cursor,
    notification,
)
from monitor.journal.tables.latency import daily_latency, monthly_latency
from monitor.journal.tables.money import (
    client_address,
    contract,
    contract_interval,
    contract_terms,
    price_segment,
    report,
    report_evidence,
    terms,
)
from monitor.journal.tables.people import (
    exclusion,
    incident,
    incident_component,
    incident_statement,
    incident_update,
    maintenance_component,
    maintenance_extension,
    maintenance_window,
)
from monitor.journal.tables.problems import problem
from monitor.journal.tables.subscribers import (
    subscriber_address,
    subscriber_block,
    subscription,
)
from monitor.journal.tables.timeline import (
    catalogue_form,
    catalogue_revision,
    catalogue_step,
    dirty_day,
    fold_snapshot,
    fold_state,
    subject,
    transition,
)

__all__ = [
    "METADATA",
    "access_token",
    "account",
    "account_session",
    "catalogue_form",
    "catalogue_revision",
    "catalogue_step",
    "change",
    "change_counter",
    "client_address",
    "contract",
    "contract_interval",
    "contract_name",
    "contract_terms",
    "core_epoch",
    "credit",
    "credit_event",
    "cursor",
    "customer_name",
    "daily_latency",
    "dirty_day",
    "exclusion",
    "fold_snapshot",
    "fold_state",
    "incident",
    "incident_component",
    "incident_statement",
    "incident_update",
    "ledger_entry",
    "maintenance_component",
    "maintenance_extension",
    "maintenance_window",
    "monthly_latency",
    "notification",
    "price_segment",
    "problem",
    "report",
    "report_evidence",
    "ruling",
    "ruling_credit",
    "subject",
    "subscriber_address",
    "subscriber_block",
    "subscription",
    "terms",
    "transition",
]
