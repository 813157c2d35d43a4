"""The configurations that the journal keeps, as this version of the program has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from monitor.adapters.catalogue_form import FormUnreadable, Specs, catalogue_of
from monitor.bootstrap.registries import registries
from monitor.config import ConfigErrors, compile_catalogue
from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.engine.catalogues import Catalogues
from monitor.ports.journal import StoredRevision


def compile_all(
    stored: Sequence[StoredRevision], known: Mapping[str, Catalogue] | None = None
) -> Catalogues:
    """Every configuration that ran. No past second may change, and no core stop, because a later
    version reads texts more strictly.

    A text that is refused now is taken from the form it was compiled to when it ran. Where that
    is missing, or cannot be read either, its neighbour stands in: the one before it, or the first
    that can be read. Either says so in `refused`. `known` are catalogues by the hash of the text
    that this version has compiled already: the same text gives the same one.

    Raises ConfigErrors where none can be read.
    """
    read = list(_each(stored, dict(known or {})))
    good = [catalogue for catalogue, _ in read if catalogue is not None]
    if stored and not good:
        _compiled(stored[-1])
    revisions: list[CatalogueRevision] = []
    for kept, (catalogue, refused) in zip(stored, read, strict=True):
        stand_in = revisions[-1].catalogue if revisions else good[0]
        revisions.append(
            CatalogueRevision(
                number=kept.number,
                hash=kept.hash,
                # The journal has the others: a hundred of them are a hundred megabytes.
                text=kept.text if kept is stored[-1] else "",
                effective_from=kept.effective_from,
                catalogue=catalogue or stand_in,
                refused=refused,
                is_stand_in=catalogue is None,
            )
        )
    return Catalogues(revisions)


def _each(
    stored: Sequence[StoredRevision], known: dict[str, Catalogue]
) -> Iterator[tuple[Catalogue | None, str]]:
    """Each revision, made of the parts of the one before it where those are equal. A text that
    ran twice is compiled once."""
    before: Catalogue | None = None
    for kept in stored:
        catalogue, refused = _read(kept, known)
        if catalogue is not None and before is not None and catalogue is not before:
            catalogue = catalogue.sharing(before)
        if catalogue is not None and not refused:
            known[kept.hash] = catalogue
        before = catalogue or before
        yield catalogue, refused


def _read(kept: StoredRevision, known: Mapping[str, Catalogue]) -> tuple[Catalogue | None, str]:
    """The catalogue, and why its text is refused now; empty where it is not."""
    if kept.hash in known:
        return known[kept.hash], ""
    try:
        return _compiled(kept), ""
    except ConfigErrors as error:
        refused = str(error)
    if kept.form is None:
        return None, f"{refused}\nno compiled form of it was kept"
    try:
        return catalogue_of(kept.form, known_specs()), refused
    except FormUnreadable as error:
        return None, f"{refused}\nits compiled form: {error}"


def _compiled(kept: StoredRevision) -> Catalogue:
    filename = f"revision {kept.number}"
    return compile_catalogue(kept.text, filename=filename, registries=registries())


@cache
def known_specs() -> Specs:
    """The types of specifications that this version has."""
    known = registries()
    return Specs(
        probes={name: kind.spec for name, kind in known.probes.items()},
        notifiers={name: kind.spec for name, kind in known.notifiers.items()},
        stores={name: kind.spec for name, kind in known.stores.items()},
    )
