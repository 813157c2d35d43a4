"""Incidents: whole, guarded by their revision, found by window."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Incident, IncidentId, Origin, Statement
from monitor.domain.refusals import NotFound, Stale
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal
from monitor.journal.ports import IncidentHead, IncidentOutline
from tests.journal.builders import incident, part, resolved, update, window
from tests.support.refusals import refuses


def save(journal: SqlJournal, value: Incident) -> Incident:
    with journal.transaction() as tx:
        return tx.incidents.save(value)


def test_it_gives_an_incident_back_whole(journal: SqlJournal) -> None:
    written = replace(
        update(2, 1300),
        person=Text({"es": "Ya casi."}),
        former=(Text({"es": "Ya"}),),
        corrected_at=Second(1450),
    )
    full = replace(
        incident(),
        person_title=Text({"es": "Correo"}),
        affected=(part("mail", 1000, 1200), replace(part("web", 1100), is_dependent=True)),
        updates=(update(1, 1120), written),
    )
    saved = save(journal, full)
    assert saved == replace(full, revision=1)
    with journal.transaction() as tx:
        assert tx.incidents.get(full.id) == saved


def test_it_gives_back_who_opened_it_and_what_people_said(journal: SqlJournal) -> None:
    said = Statement(component=ComponentId("mail"), status=Outcome.DEGRADED, start=Second(900))
    full = replace(
        incident(), origin=Origin.PERSON, statements=(said, replace(said, end=Second(950))),
        related=(IncidentId("aaaaaa"), IncidentId("bbbbbb")), merged_into=IncidentId("cccccc"),
    )  # fmt: skip
    saved = save(journal, full)
    fewer = save(journal, replace(saved, statements=(replace(said, end=Second(999)),), related=()))
    with journal.transaction() as tx:
        assert tx.incidents.get(full.id) == fewer
    assert saved == replace(full, revision=1)


def test_parts_that_went_elsewhere_are_gone(journal: SqlJournal) -> None:
    saved = save(journal, replace(incident(), affected=(part("mail", 900), part("web", 950))))
    fewer = save(journal, replace(saved, affected=(part("web", 950),)))
    none = save(journal, replace(fewer, affected=()))
    with journal.transaction() as tx:
        assert tx.incidents.get(saved.id) == none


def test_it_counts_the_revision_up_and_keeps_what_was_added(journal: SqlJournal) -> None:
    first = save(journal, incident())
    ended = replace(
        first, affected=(part("mail", 900, 1400),), updates=(*first.updates, update(2, 1400))
    )
    second = save(journal, ended)
    assert second.revision == 2
    with journal.transaction() as tx:
        assert tx.incidents.get(first.id) == second


def test_it_refuses_what_was_decided_on_an_old_revision(journal: SqlJournal) -> None:
    first = save(journal, incident())
    save(journal, first)
    with refuses(Stale, match="k3f9a2"):
        save(journal, replace(first, machine_title=Text({"es": "otro"})))
    with journal.transaction() as tx:
        assert tx.incidents.get(first.id).title == incident().title


def test_it_refuses_a_second_incident_of_the_same_id(journal: SqlJournal) -> None:
    save(journal, incident())
    with refuses(Stale, match="exists"):
        save(journal, incident())


def test_it_names_the_id_that_is_not_there(journal: SqlJournal) -> None:
    with refuses(NotFound, match="nobody"), journal.transaction() as tx:
        tx.incidents.get(IncidentId("nobody"))


def test_it_lists_the_unresolved_by_start(journal: SqlJournal) -> None:
    late = save(journal, incident("late", 3000))
    early = save(journal, incident("early", 1000))
    save(journal, resolved(incident("over", 500), 900))
    with journal.transaction() as tx:
        assert tx.incidents.unresolved() == (early, late)


def test_it_finds_those_unresolved_at_some_moment_of_a_window(journal: SqlJournal) -> None:
    save(journal, resolved(incident("before", 100), 1000))
    save(journal, resolved(incident("across", 900), 1001))
    save(journal, incident("open", 200))
    save(journal, incident("inside", 1999))
    save(journal, incident("after", 2000))
    with journal.transaction() as tx:
        found = [i.id for i in tx.incidents.touching(window(1000, 2000))]
    assert found == ["inside", "across", "open"]


def test_one_without_length_is_in_the_window_that_begins_with_it(journal: SqlJournal) -> None:
    save(journal, resolved(incident("no-length", 1000), 1000))
    with journal.transaction() as tx:
        found = [[i.id for i in tx.incidents.touching(window(*ends))]
                 for ends in ((500, 1000), (1000, 2000), (1001, 2000))]  # fmt: skip
    assert found == [[], ["no-length"], []]


def test_it_forgets_a_part_that_is_gone(journal: SqlJournal) -> None:
    two = save(journal, replace(incident(), affected=(part("mail", 1), part("web", 2))))
    one = save(journal, replace(two, affected=(part("web", 2),)))
    with journal.transaction() as tx:
        assert tx.incidents.get(one.id).affected == (part("web", 2),)


def test_what_is_saved_again_in_one_transaction_is_whole(journal: SqlJournal) -> None:
    first = save(journal, replace(incident(), affected=(part("mail", 1), part("web", 2))))
    with journal.transaction() as tx:
        grown = tx.incidents.save(
            replace(first, affected=(*first.affected, part("dns", 3)), updates=(update(1, 4),))
        )
        worded = replace(update(1, 4), person=Text({"es": "Ya casi."}))
        ended = (part("mail", 1, 9), *grown.affected[1:])
        last = tx.incidents.save(replace(grown, affected=ended, updates=(worded, update(2, 9))))
    with journal.transaction() as tx:
        assert tx.incidents.get(first.id) == last
        shrunk = tx.incidents.save(replace(last, affected=last.affected[1:]))
        shrunk = tx.incidents.save(replace(shrunk, affected=shrunk.affected[1:]))
    with journal.transaction() as tx:
        assert tx.incidents.get(first.id) == shrunk


def test_it_finds_those_with_a_component_that_they_ceased_to_watch(journal: SqlJournal) -> None:
    lost = replace(part("web", 900, 1100), is_unwatched=True)
    save(journal, replace(incident("open", 900), affected=(part("mail", 900), lost)))
    save(journal, resolved(replace(incident("over", 900), affected=(lost,)), 1100))
    save(journal, resolved(replace(incident("old", 10), affected=(lost,)), 1000))
    save(journal, resolved(incident("seen", 900), 1100))
    with journal.transaction() as tx:
        assert {i.id for i in tx.incidents.unwatched(window(1000, 2000))} == {"open", "over"}


def test_it_resolves(journal: SqlJournal) -> None:
    opened = save(journal, incident())
    save(journal, resolved(opened, 5000))
    with journal.transaction() as tx:
        assert tx.incidents.unresolved() == ()
        assert tx.incidents.get(opened.id).resolved_at == Second(5000)


def test_an_outline_has_what_only_a_person_speaks_of(journal: SqlJournal) -> None:
    said = Statement(component=ComponentId("dns"), status=Outcome.DOWN, start=Second(900))
    saved = save(journal, replace(incident(), affected=(part("mail", 900),), statements=(said,)))
    with journal.transaction() as tx:
        assert tx.incidents.outlines([saved.id])[saved.id].components == ("mail", "dns")


def test_it_outlines_those_that_are_there(journal: SqlJournal) -> None:
    twice = (part("mail", 900, 1000), part("web", 950), part("mail", 1100))
    first = save(journal, replace(incident("aaaaaa"), affected=twice))
    save(journal, replace(first, updates=(*first.updates, update(2, 1400))))
    save(journal, incident("bbbbbb"))
    wanted = [IncidentId(name) for name in ("aaaaaa", "zzzzzz")]
    with journal.transaction() as tx:
        assert tx.incidents.outlines(wanted) == {
            "aaaaaa": IncidentOutline(
                revision=2, components=(ComponentId("mail"), ComponentId("web"))
            )
        }
        assert tx.incidents.outlines([]) == {}
        many = [IncidentId(f"i{n}") for n in range(1_200)]
        assert tx.incidents.outlines([*many, IncidentId("bbbbbb")]).keys() == {"bbbbbb"}


def test_heads_are_of_those_that_touch_a_window_in_its_order(journal: SqlJournal) -> None:
    said = Statement(component=ComponentId("dns"), status=Outcome.DOWN, start=Second(900))
    old = save(
        journal, resolved(replace(incident("old"), affected=(part("web", 1000, 1200),)), 1_300)
    )
    new = save(
        journal,
        replace(
            incident("new"), started_at=Second(5_000), statements=(said,),
            affected=(part("mail", 5_000), part("mail", 6_000)),
        ),
    )  # fmt: skip
    new = save(journal, new)
    with journal.transaction() as tx:
        for within in (window(0, 9_000), window(4_000, 9_000), window(0, 10)):
            found = tx.incidents.touching(within)
            assert list(tx.incidents.heads(within)) == [
                IncidentHead(id=i.id, revision=i.revision, is_unresolved=i.is_unresolved)
                for i in found
            ]
        every = window(0, 9_000)
        assert [h.id for h in tx.incidents.heads(every)] == [new.id, old.id]
        for component, names in (("web", [old.id]), ("mail", [new.id]), ("dns", [new.id])):
            of_one = tx.incidents.heads(every, ComponentId(component))
            assert [h.id for h in of_one] == names, component
        assert not tx.incidents.heads(every, ComponentId("nothing"))


def test_some_are_given_in_the_order_that_is_wanted(journal: SqlJournal) -> None:
    one, two = (save(journal, incident(name)) for name in ("one", "two"))
    with journal.transaction() as tx:
        assert tx.incidents.some([two.id, IncidentId("nobody"), one.id]) == (two, one)
        assert tx.incidents.some([]) == ()
