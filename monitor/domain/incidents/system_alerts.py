"""What the monitor reports to operators about itself, by kind."""

from __future__ import annotations

from enum import StrEnum


class SystemAlert(StrEnum):
    """The values are stored in the change feed and in the outbox: they stay as they are."""

    OFFLINE = "monitor.blind"
    ONLINE = "monitor.sees"
    NO_RESOLVER = "monitor.no_resolver"
    RESOLVER_BACK = "monitor.resolves"
    CONTRADICTED = "monitor.disagrees"
    CHECK_BROKEN = "monitor.look_broken"
    ADDRESS_REFUSED = "monitor.address_refused"
    CLOCK_DOUBTED = "monitor.clock_doubted"
    CLOCK_TRUSTED = "monitor.clock_trusted"
    CLOCK_SET = "monitor.clock_set"
    LATE_RESULTS_REFUSED = "late.refused"
    RESULTS_LOST = "monitor.log_lost"
    STALLING = "monitor.stalling"
    STEADY = "monitor.steady"
    ROLE_STOPPED = "monitor.role_stopped"
    ROLE_RUNS = "monitor.role_runs"
    STORE_STUCK = "store.stuck"
    STORE_BACK = "store.flows"
    TARGET_REFUSES = "monitor.target_refuses"
    DISK_FULL = "monitor.full"
    JOURNAL_AWAY = "monitor.journal_away"
    JOURNAL_HELD = "monitor.journal_held"
    UNRECORDED = "monitor.unrecorded"
    """What failed or came back while the journal is held: the outbox sends it again later."""
    WRITES_AGAIN = "monitor.writes"
    """Takes back `DISK_FULL`, `JOURNAL_AWAY` and `JOURNAL_HELD`."""
    JOURNAL_DAMAGED = "monitor.journal_damaged"
    """A person repairs it, so that nothing takes it back."""
    ALERTS_UNDELIVERED = "monitor.unheard"
    ALERTS_DELIVERED = "monitor.heard"
    CUSTOMERS_SAY = "customers.say"
    """Several customers say that something fails of which no check sees anything."""
    TOLD_BY_PERSON = "incident.told"
    """Somebody opened an incident by hand: the monitor saw nothing, and nobody has to get up."""
