"""The configurations that the journal stores, as this version of the program reads them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from monitor.alerting.channels.kind import ChannelKind
from monitor.alerting.channels.registry import CHANNELS
from monitor.billing.kind import PanelKind
from monitor.billing.registry import PANELS
from monitor.catalogues.form import FormUnreadable, Specs, form_of, unreadable_as_refusal
from monitor.catalogues.in_force import Catalogues
from monitor.catalogues.steps import apply_delta, delta_between
from monitor.config import ConfigErrors, compile_catalogue
from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.domain.time.interval import Second
from monitor.journal.ports import Journal, RevisionDelta, RevisionHeader, StoredRevision
from monitor.registry import Lazy
from monitor.results.stores.kind import StoreKind
from monitor.results.stores.registry import STORES
from monitor.roles.registries import registries
from monitor.runtime.frozen_json import to_json
from probes._kind import ProbeKind
from probes.registry import PROBES


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A text that this version has compiled just now."""

    text: str
    catalogue: Catalogue

    @property
    def hash(self) -> str:
        return text_hash(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """The last revision that could be read, from its form. `raw` is that form as JSON, where it is
    at hand."""

    form_hash: str
    catalogue: Catalogue
    raw: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A revision. Where it cannot be read its catalogue is None, and `error` says why."""

    header: RevisionHeader
    text: str = ""
    catalogue: Catalogue | None = None
    error: ConfigErrors | None = None
    refused: str = ""


class _Unread(Exception):
    """Neither a revision's form nor its text can be read."""

    def __init__(self, error: ConfigErrors, form_error: str) -> None:
        super().__init__(f"{error}\n{form_error}")
        self.error = error


@dataclass(slots=True)
class RevisionReader:
    """Every configuration that ran, each read once, by what it changed in the one before it.

    What counts is the form, that is what a text compiled to when it ran: no past second changes,
    and no core stops, because a later version reads texts more strictly or differently. A text is
    compiled where no form of it was stored, or none that can be read. Where it is refused then, a
    neighbour stands in: the revision before it, or the first that can be read.
    """

    journal: Journal
    _read: list[_Read] = field(default_factory=list)
    _last: _Base | None = None
    _unstored_forms: dict[int, str] = field(default_factory=dict)
    _unstored_deltas: list[RevisionDelta] = field(default_factory=list)

    def read(self, newest: Compiled | None = None) -> Catalogues:
        """All of them; what was read before is not read again. Where `newest` is the text of the
        last one, that text is not compiled again.

        Raises ConfigErrors where none can be read, ValueError where none has run, or JournalError.
        """
        known = self._read[-1].header.number if self._read else 0
        with self.journal.transaction() as tx:
            every = tx.revisions.headers()
            deltas = {delta.number: delta for delta in tx.revisions.steps(known)}
        headers = [h for h in every if h.number > known]
        self.follow({h.number: h.effective_from for h in every})
        # After the transaction: the core must not wait for it.
        for header in headers:
            fresh = newest if header is headers[-1] else None
            self._read.append(self._read_one(header, deltas.get(header.number), fresh))
        return self._catalogues()

    def add(self, stored: StoredRevision, fresh: Compiled) -> Catalogues:
        """Add one that was stored just now; the journal is not read."""
        header = RevisionHeader(
            number=stored.number, hash=stored.hash, effective_from=stored.effective_from
        )
        self._read.append(self._as_read(header, self._from_form_or_text(stored, fresh), fresh))
        return self._catalogues()

    def follow(self, starts: Mapping[int, Second]) -> None:
        """Those that were read are in force from these seconds, by number, for a clock was set
        right."""
        self._read = [
            replace(
                read,
                header=replace(
                    read.header,
                    effective_from=starts.get(read.header.number, read.header.effective_from),
                ),
            )
            for read in self._read
        ]

    def is_newest(self, fresh: Compiled) -> bool:
        """Whether the last one is what this version compiles that text to."""
        last = self._read[-1]
        return last.header.hash == fresh.hash and (
            last.catalogue == fresh.catalogue or self._has_form_of(fresh)
        )

    def keep(self) -> None:
        """Store in the journal what was found missing there: what each revision compiled to, for a
        later version may refuse its text, and what it changed. Raises JournalError."""
        if not (self._unstored_forms or self._unstored_deltas):
            return
        with self.journal.transaction() as tx:
            for number, form in self._unstored_forms.items():
                tx.revisions.store_form(number, form)
            for delta in self._unstored_deltas:
                tx.revisions.store_delta(delta)
        self._unstored_forms, self._unstored_deltas = {}, []

    def _read_one(
        self, header: RevisionHeader, delta: RevisionDelta | None, newest: Compiled | None
    ) -> _Read:
        fresh = newest if newest is not None and newest.hash == header.hash else None
        catalogue = self._from_delta(delta)
        if catalogue is None:
            with self.journal.transaction() as tx:
                stored = tx.revisions.get(header.number)
            try:
                catalogue = self._from_form_or_text(stored, fresh)
            except _Unread as unread:
                return _Read(header=header, error=unread.error, refused=str(unread))
        return self._as_read(header, catalogue, fresh)

    def _as_read(
        self, header: RevisionHeader, catalogue: Catalogue, fresh: Compiled | None
    ) -> _Read:
        """From its form. A form may not say everything, so what was compiled to that very form just
        now counts as the same."""
        if fresh is None:
            return _Read(header=header, catalogue=catalogue)
        found = catalogue
        if catalogue != fresh.catalogue and self._has_form_of(fresh):
            found = fresh.catalogue.sharing(catalogue)
        return _Read(header=header, text=fresh.text, catalogue=found)

    def _has_form_of(self, fresh: Compiled) -> bool:
        return self._last is not None and self._last.form_hash == text_hash(
            form_of(fresh.catalogue)
        )

    def _from_delta(self, delta: RevisionDelta | None) -> Catalogue | None:
        """By what it changed; None where that was not stored, cannot be read, or starts from
        another form than ours."""
        if delta is None:
            return None
        base = self._last if delta.base_hash else None
        if delta.base_hash and (base is None or base.form_hash != delta.base_hash):
            return None
        try:
            return self._apply(delta, base)
        except FormUnreadable:
            return None

    def _from_form_or_text(self, stored: StoredRevision, fresh: Compiled | None) -> Catalogue:
        """By its form, else by its text. Raises _Unread."""
        form_error = "no compiled form of it was kept"
        if stored.form is not None:
            try:
                return self._from_form(stored.number, stored.form)
            except FormUnreadable as error:
                form_error = f"its compiled form: {error}"
        try:
            catalogue = _compiled(stored) if fresh is None else fresh.catalogue
        except ConfigErrors as error:
            raise _Unread(error, form_error) from error
        form = form_of(catalogue)
        if stored.form is None:
            self._unstored_forms[stored.number] = form
        return self._from_form(stored.number, form)

    def _from_form(self, number: int, form: str) -> Catalogue:
        """Raises FormUnreadable."""
        base = self._last
        with unreadable_as_refusal():
            raw = json.loads(form)
            step = delta_between(_raw_of(base), raw)
        delta = RevisionDelta(
            number=number,
            base_hash=base.form_hash if base else "",
            form_hash=text_hash(form),
            step=step,
        )
        catalogue = self._apply(delta, base, raw)
        self._unstored_deltas.append(delta)
        return catalogue

    def _apply(
        self, delta: RevisionDelta, base: _Base | None, raw: Mapping[str, Any] | None = None
    ) -> Catalogue:
        catalogue = apply_delta(delta.step, base.catalogue if base else None, known_specs())
        if base is not None:
            catalogue = catalogue.beside(base.catalogue)
        self._last = _Base(form_hash=delta.form_hash, catalogue=catalogue, raw=raw)
        return catalogue

    def _catalogues(self) -> Catalogues:
        if self._last is not None:
            # The form of thousands of checks is many megabytes.
            self._last = replace(self._last, raw=None)
        return Catalogues(self._revisions())

    def _revisions(self) -> list[CatalogueRevision]:
        good = [read.catalogue for read in self._read if read.catalogue is not None]
        if not good and self._read and (error := self._read[-1].error):
            raise error
        revisions: list[CatalogueRevision] = []
        for read in self._read:
            stand_in = revisions[-1].catalogue if revisions else good[0]
            revisions.append(
                CatalogueRevision(
                    number=read.header.number,
                    hash=read.header.hash,
                    # The journal has the other texts: a hundred are a hundred megabytes.
                    text=read.text if read is self._read[-1] else "",
                    effective_from=read.header.effective_from,
                    catalogue=read.catalogue or stand_in,
                    refused=read.refused,
                    is_stand_in=read.catalogue is None,
                )
            )
        return revisions


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _raw_of(base: _Base | None) -> Mapping[str, Any]:
    if base is None:
        return {}
    raw: Mapping[str, Any] = to_json(base.catalogue) if base.raw is None else base.raw
    return raw


def _compiled(stored: StoredRevision) -> Catalogue:
    filename = f"revision {stored.number}"
    return compile_catalogue(stored.text, filename=filename, registries=registries())


@cache
def known_specs() -> Specs:
    """The types of specifications that this version has."""
    return Specs(
        probes=Lazy(PROBES, _spec_of),
        notifiers=Lazy(CHANNELS, _spec_of),
        stores=Lazy(STORES, _spec_of),
        panels=Lazy(PANELS, _spec_of),
    )


def _spec_of(kind: ProbeKind | ChannelKind | StoreKind | PanelKind) -> type[Any]:
    return kind.spec
