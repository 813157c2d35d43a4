"""Every configuration that ran, for commands that look into the past."""

from __future__ import annotations

from monitor.bootstrap.revisions import compile_all
from monitor.bootstrap.tools import Tools
from monitor.domain.catalogue import CatalogueRevision
from monitor.engine.catalogues import Catalogues


def catalogues_of(tools: Tools) -> Catalogues:
    """The journal's revisions; where nothing has run yet, the configuration as it stands.

    They are compiled after the transaction: the core is not kept waiting.

    Raises ConfigErrors where none of the kept revisions can be read.
    """
    with tools.journal.transaction() as tx:
        stored = list(tx.revisions.all())
    if stored:
        return compile_all(stored)
    now = tools.clock.now()
    first = CatalogueRevision(
        number=1, hash="", text="", effective_from=now, catalogue=tools.catalogue
    )
    return Catalogues([first])
