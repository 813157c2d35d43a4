"""Every configuration that ran, for commands that look into the past."""

from __future__ import annotations

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import CatalogueRevision
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.tools import Tools


def catalogues_of(tools: Tools) -> Catalogues:
    """The journal's revisions; where nothing has run yet, the configuration as it stands.

    Raises ConfigErrors where none of the stored revisions can be read.
    """
    with tools.journal.transaction() as tx:
        has_run = tx.revisions.newest() > 0
    if has_run:
        return RevisionReader(tools.journal).read().as_of(tools.clock.now())
    now = tools.clock.now()
    first = CatalogueRevision(
        number=1, hash="", text="", effective_from=now, catalogue=tools.catalogue
    )
    return Catalogues([first])
