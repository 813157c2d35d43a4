"""The console's words about exclusions in Spanish."""

from __future__ import annotations

from monitor.domain.exclusions.classification import ExclusionStatus, RevisionState
from monitor.i18n.es.causes import CAUSES
from monitor.i18n.forms.exclusions import ExclusionWords

EXCLUSIONS = ExclusionWords(
    component="Componente",
    when="Cuándo",
    start="Desde",
    end="Hasta",
    cause="Causa",
    state="Estado",
    proposed_by="Propuso",
    decided_by="Decidió",
    causes=CAUSES,
    statuses={
        ExclusionStatus.PROPOSED: "Espera una decisión",
        ExclusionStatus.APPROVED: "Vigente",
        ExclusionStatus.REFUSED: "Rechazada",
        ExclusionStatus.WITHDRAWN: "Retirada",
    },
    every_status="Todas",
    steps={
        RevisionState.PROPOSED: "Propuesta",
        RevisionState.APPROVED: "Aprobada",
        RevisionState.REFUSED: "Rechazada",
    },
    withdrawal="retiro",
    in_force="La revisión {n} rige mientras tanto.",
    none="No hay exclusiones. Si una caída no es responsabilidad de la empresa, propóngala desde "
    "la página de su incidente o con el formulario de abajo; otra persona decide.",
    none_so="Ninguna está así.",
    propose="Proponer una exclusión",
    propose_note="No cambia nada hasta que la apruebe otra cuenta.",
    evidence="Evidencia",
    evidence_hint="por qué no es responsabilidad de la empresa",
    links="Enlaces",
    links_hint="uno por línea, con https://; los archivos se agregan con estado exclusion",
    private_note="El público lee cuánto no cuenta y la causa; nunca quién ni la evidencia.",
    history="Pasos",
    files="Archivos",
    incident="Incidente",
    overlaps="Se superpone por la misma causa con:",
    effect="Qué cambia",
    effect_note="Si está propuesta, lo que cambiaría al aprobarla; si no, lo que descuenta.",
    no_effect="No cambia nada.",
    month="Mes",
    so_far="hasta ahora",
    down="Sin servicio",
    excluded="Excluido",
    contracts="Contratos que lo requieren",
    changed="cambian {n}",
    issued="El informe {x}, revisión {n}, queda como se emitió; la próxima revisión muestra la "
    "diferencia.",
    contract="Contrato",
    what="Qué",
    before="Antes",
    after="Después",
    first="Se muestran los primeros {n}.",
    decide="Decidir",
    reason="Motivo",
    approve="Aprobar",
    refuse="Rechazar",
    own="Usted propuso una revisión: decide otra persona.",
    waits="Espera la decisión de otra persona.",
    revise="Proponer otra revisión",
    withdraw="Proponer el retiro",
    withdraw_note="El tiempo vuelve a contar cuando otra persona lo apruebe.",
    of_incident="Exclusiones",
    leave_out="Proponer que no cuente",
)
