"""A credit that waits for somebody to say what its unknown seconds were."""

from __future__ import annotations

from decimal import Decimal

from credits.contract import ContractId
from credits.journal import BillingJournal
from credits.life.credit import Assumed, By, Credit, CreditId, CreditKey, LineDue, begin
from credits.life.ruling import Covered, RulingReference, RulingStep
from credits.life.states import CreditState
from credits.money import Money
from monitor.domain.change import Via
from monitor.domain.exclusions.classification import Evidence, EvidenceFile
from monitor.domain.time.interval import Interval, Second

WAITS = CreditId("BON-2026-08-waits")


def keep_waiting(journal: BillingJournal, *, end: Second) -> CreditId:
    """A month that ends there, of a contract that nobody has any more: nothing where its unknown
    seconds were up, 7.50 USD where they were down."""
    nothing, worst = (Money(Decimal(text), "USD") for text in ("0.00", "7.50"))
    window = Interval(Second(end - 31 * 86_400), end)
    made = Credit(
        id=WAITS,
        key=CreditKey(ContractId("C-1"), window, "ab" * 32),
        client_id="77",
        service_id="501",
        product="Hosting básico",
        period="2026-08",
        lines=(LineDue(invoice_id="F-1", line_id="L1", amount=nothing, if_down=worst),),
        components=("web",),
        evidence_hash="cd" * 32,
    )
    with journal.transaction() as tx:
        tx.credits.begin([begin(made, CreditState.NEEDS_REVIEW, By(actor="estado", at=end))])
    return WAITS


def keep_ruling(journal: BillingJournal, *, at: Second) -> RulingReference:
    """What eva says of it, in words that a terminal would act on; it waits for somebody else."""
    step = RulingStep(
        reference=RulingReference("r7h2k9"),
        revision=1,
        assumed=Assumed.DOWN,
        evidence=Evidence(
            text="El registro: [b]x[/] €\x1b[2J",
            files=(EvidenceFile(name="accesos.log", sha256="ab" * 32, bytes=12),),
            links=("https://ejemplo.example/registro",),
        ),
        credits=1,
        proposed_by="eva",
        at=at,
    )
    with journal.transaction() as tx:
        tx.rulings.append(step, Via.API, [Covered(credit=WAITS, seq=1)])
    return step.reference
