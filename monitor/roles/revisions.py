"""The configurations that the journal keeps, as this version of the program has them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from monitor.alerting.channels.kind import ChannelKind
from monitor.alerting.channels.registry import CHANNELS
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
class _Whole:
    """The last revision that could be read, as its form has it. `raw` is that form as JSON, where
    it is at hand."""

    form_hash: str
    catalogue: Catalogue
    raw: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A revision; its catalogue None where it cannot be read, and why."""

    header: RevisionHeader
    text: str = ""
    catalogue: Catalogue | None = None
    error: ConfigErrors | None = None
    refused: str = ""


class _Unread(Exception):
    """Neither a revision's form nor its text can be read."""

    def __init__(self, error: ConfigErrors, of_form: str) -> None:
        super().__init__(f"{error}\n{of_form}")
        self.error = error


@dataclass(slots=True)
class RevisionReader:
    """Every configuration that ran, each read once, by what it changed in the one before it.

    What counts is the form, that is what a text compiled to when it ran: no past second changes,
    and no core stops, because a later version reads texts more strictly or otherwise. A text is
    compiled where no form of it was kept, or none that can be read. Where it is refused then, its
    neighbour stands in: the one before it, or the first that can be read.
    """

    journal: Journal
    _read: list[_Read] = field(default_factory=list)
    _last: _Whole | None = None
    _unkept_forms: dict[int, str] = field(default_factory=dict)
    _unkept_steps: list[RevisionDelta] = field(default_factory=list)

    def read(self, newest: Compiled | None = None) -> Catalogues:
        """All of them; what was read before is not read again. Where `newest` is the text of the
        last one, that is not compiled again.

        Raises ConfigErrors where none can be read, ValueError where none has run, or JournalError.
        """
        known = self._read[-1].header.number if self._read else 0
        with self.journal.transaction() as tx:
            every = tx.revisions.headers()
            steps = {step.number: step for step in tx.revisions.steps(known)}
        headers = [h for h in every if h.number > known]
        self.follow({h.number: h.effective_from for h in every})
        # After the transaction, for the core is not to be kept waiting.
        for header in headers:
            fresh = newest if header is headers[-1] else None
            self._read.append(self._take(header, steps.get(header.number), fresh))
        return self._catalogues()

    def add(self, kept: StoredRevision, fresh: Compiled) -> Catalogues:
        """One that was kept just now; the journal is not asked."""
        header = RevisionHeader(
            number=kept.number, hash=kept.hash, effective_from=kept.effective_from
        )
        self._read.append(self._as_read(header, self._anew(kept, fresh), fresh))
        return self._catalogues()

    def follow(self, starts: Mapping[int, Second]) -> None:
        """Those that were read are in force from these seconds, by number: a clock is right."""
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
        """Put into the journal what was found missing in it: what each revision compiled to, for a
        later version may refuse its text, and what it changed. Raises JournalError."""
        if not (self._unkept_forms or self._unkept_steps):
            return
        with self.journal.transaction() as tx:
            for number, form in self._unkept_forms.items():
                tx.revisions.store_form(number, form)
            for step in self._unkept_steps:
                tx.revisions.store_delta(step)
        self._unkept_forms, self._unkept_steps = {}, []

    def _take(
        self, header: RevisionHeader, step: RevisionDelta | None, newest: Compiled | None
    ) -> _Read:
        fresh = newest if newest is not None and newest.hash == header.hash else None
        made = self._by_step(step)
        if made is None:
            with self.journal.transaction() as tx:
                kept = tx.revisions.get(header.number)
            try:
                made = self._anew(kept, fresh)
            except _Unread as unread:
                return _Read(header=header, error=unread.error, refused=str(unread))
        return self._as_read(header, made, fresh)

    def _as_read(self, header: RevisionHeader, made: Catalogue, fresh: Compiled | None) -> _Read:
        """As its form has it. What was compiled to that very form just now is the same, should a
        form tell less than all."""
        if fresh is None:
            return _Read(header=header, catalogue=made)
        found = made
        if made != fresh.catalogue and self._has_form_of(fresh):
            found = fresh.catalogue.sharing(made)
        return _Read(header=header, text=fresh.text, catalogue=found)

    def _has_form_of(self, fresh: Compiled) -> bool:
        return self._last is not None and self._last.form_hash == text_hash(
            form_of(fresh.catalogue)
        )

    def _by_step(self, step: RevisionDelta | None) -> Catalogue | None:
        """By what it changed; None where that was not kept, or cannot be read, or leads on from
        another form than ours."""
        if step is None:
            return None
        base = self._last if step.base_hash else None
        if step.base_hash and (base is None or base.form_hash != step.base_hash):
            return None
        try:
            return self._go_on(step, base)
        except FormUnreadable:
            return None

    def _anew(self, kept: StoredRevision, fresh: Compiled | None) -> Catalogue:
        """By its form, else by its text. Raises _Unread."""
        of_form = "no compiled form of it was kept"
        if kept.form is not None:
            try:
                return self._by_form(kept.number, kept.form)
            except FormUnreadable as error:
                of_form = f"its compiled form: {error}"
        try:
            catalogue = _compiled(kept) if fresh is None else fresh.catalogue
        except ConfigErrors as error:
            raise _Unread(error, of_form) from error
        form = form_of(catalogue)
        if kept.form is None:
            self._unkept_forms[kept.number] = form
        return self._by_form(kept.number, form)

    def _by_form(self, number: int, form: str) -> Catalogue:
        """Raises FormUnreadable."""
        base = self._last
        with unreadable_as_refusal():
            raw = json.loads(form)
            told = delta_between(_raw_of(base), raw)
        step = RevisionDelta(
            number=number,
            base_hash=base.form_hash if base else "",
            form_hash=text_hash(form),
            step=told,
        )
        made = self._go_on(step, base, raw)
        self._unkept_steps.append(step)
        return made

    def _go_on(
        self, step: RevisionDelta, base: _Whole | None, raw: Mapping[str, Any] | None = None
    ) -> Catalogue:
        made = apply_delta(step.step, base.catalogue if base else None, known_specs())
        if base is not None:
            made = made.beside(base.catalogue)
        self._last = _Whole(form_hash=step.form_hash, catalogue=made, raw=raw)
        return made

    def _catalogues(self) -> Catalogues:
        if self._last is not None:
            # Of thousands of checks a form is many megabytes.
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
                    # The journal has the others: a hundred of them are a hundred megabytes.
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


def _raw_of(base: _Whole | None) -> Mapping[str, Any]:
    if base is None:
        return {}
    raw: Mapping[str, Any] = to_json(base.catalogue) if base.raw is None else base.raw
    return raw


def _compiled(kept: StoredRevision) -> Catalogue:
    filename = f"revision {kept.number}"
    return compile_catalogue(kept.text, filename=filename, registries=registries())


@cache
def known_specs() -> Specs:
    """The types of specifications that this version has."""
    return Specs(
        probes=Lazy(PROBES, _spec_of),
        notifiers=Lazy(CHANNELS, _spec_of),
        stores=Lazy(STORES, _spec_of),
    )


def _spec_of(kind: ProbeKind | ChannelKind | StoreKind) -> type[Any]:
    return kind.spec
