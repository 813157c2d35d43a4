"""One page role serves several pages: each host its own, and none anything of another's."""

from __future__ import annotations

import os
from contextlib import suppress
from errno import EMFILE
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.catalogues.file import CatalogueUnreadable
from monitor.roles.catalogues import watcher
from monitor.roles.page_parts.page_links import revoke_page_link, why_closed
from monitor.roles.settings import (
    brand_published_dir,
    catalogue_file,
    page_links_file,
    page_links_key_file,
)
from statuspage.serve import server
from statuspage.serve.responder import HEALTH
from statuspage.serve.snapshot import Snapshot, load
from tests.roles.brand_sites import (
    ACME,
    BETA,
    DAY,
    GAMMA,
    BrandSites,
    body_of,
    brand_page,
    named,
    publish_page,
)


def test_a_host_gets_its_brands_page_however_it_is_written(brands: BrandSites) -> None:
    for host in ("acme.example", "ACME.Example", "acme.example:8080", "acme.example."):
        assert named(body_of(brands.get(f"status.{host}"))) == {"acme"}, host


OTHERS = (
    "", "estado.example", "other.example", "127.0.0.1:8080", "[::1]:8080", "acme.example",
    "status.acme.example.evil.example", "evil.example:status.acme.example", "a" * 9_000,
    "status.acme.example@x", "status.beta.example,other.example", "status.acme.example\u212a",
)  # fmt: skip


def test_a_host_that_no_page_has_gets_the_companys(brands: BrandSites) -> None:
    for host in OTHERS:
        assert named(body_of(brands.get(host))) == {"company"}, host


def test_before_anything_is_configured_every_host_gets_the_companys(
    published_pages: Path, tmp_path: Path
) -> None:
    (tmp_path / "published").symlink_to(published_pages / "published")
    brands = BrandSites(tmp_path)
    brands.sites.refresh()
    assert named(body_of(brands.get(ACME.hosts[0]))) == {"company"}


def test_no_address_of_one_page_is_there_at_another(brands: BrandSites) -> None:
    assert brands.get(ACME.hosts[0], "/componente/acme-web").status == 200
    for host, other in ((ACME.hosts[0], "company"), ("estado.example", "acme")):
        for path in (
            f"/componente/{other}-web",
            f"/badge/{other}-web.svg",
            f"/historial/{other}-web.atom",
        ):
            assert brands.get(host, path).status == 404
            assert f"{other}-web".encode() not in body_of(brands.get(host, path))


def test_pages_follow_the_configuration_without_a_restart(brands: BrandSites) -> None:
    brands.configure(brand_page("acme", hosts=("status.acme.example", "new.example")))
    assert named(body_of(brands.get("new.example"))) == {"acme"}
    assert named(body_of(brands.get(BETA.hosts[0]))) == {"company"}
    brands.configure()
    assert named(body_of(brands.get("new.example"))) == {"company"}


def test_letters_that_are_not_of_ascii_are_asked_for_as_browsers_write_them(
    brands: BrandSites,
) -> None:
    brands.configure(brand_page("acme", hosts=("estado.español.example",)))
    assert named(body_of(brands.get("estado.xn--espaol-zwa.example"))) == {"acme"}


def test_a_configuration_that_cannot_be_read_changes_no_page(brands: BrandSites) -> None:
    with capture_logs() as logs:
        catalogue_file(brands.data_dir).write_text("{}")
        brands.sites.refresh()
        brands.sites.refresh()
    assert [entry["event"] for entry in logs] == ["page.catalogue_unreadable"]
    assert named(body_of(brands.get(ACME.hosts[0]))) == {"acme"}


def test_a_page_that_becomes_private_is_closed_at_once_and_reads_another_folder(
    brands: BrandSites,
) -> None:
    brands.configure(brand_page("acme", is_private=True))
    assert brands.get(ACME.hosts[0]).status == 403
    assert named(body_of(brands.get(ACME.hosts[0]))) == set()
    # The other way round, what was private is shown only once it is published as public.
    brands.configure(brand_page("beta"))
    answer = brands.get(BETA.hosts[0])
    assert (answer.status, named(body_of(answer))) == (503, set())


def test_a_page_without_a_publication_keeps_no_other_from_being_served(brands: BrandSites) -> None:
    brands.configure(ACME, brand_page("delta"))
    assert brands.get("status.delta.example").status == 503
    assert brands.get(ACME.hosts[0]).status == 200


def test_each_page_says_its_own_health(brands: BrandSites) -> None:
    assert b'"stale": false' in body_of(brands.get(ACME.hosts[0], HEALTH))
    brands.clock.advance(DAY)
    assert b'"stale": true' in body_of(brands.get(ACME.hosts[0], HEALTH))


@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_a_key_that_others_may_read_closes_private_pages_and_is_told_once(
    brands: BrandSites, mode: int
) -> None:
    token = brands.link()
    key = page_links_key_file(brands.data_dir)
    with capture_logs() as logs:
        key.chmod(mode)
        brands.sites.refresh()
        brands.sites.refresh()
    assert [entry["event"] for entry in logs] == ["page.private_pages_closed"]
    assert brands.beta(token=token).status == 403
    key.chmod(0o600)
    brands.sites.refresh()
    assert brands.beta(token=token).status == 200


def test_without_its_key_or_its_links_a_private_page_is_closed(brands: BrandSites) -> None:
    token = brands.link()
    for file in (page_links_key_file, page_links_file):
        content = file(brands.data_dir).read_bytes()
        file(brands.data_dir).unlink()
        brands.sites.refresh()
        assert brands.beta(token=token).status == 403
        file(brands.data_dir).write_bytes(content)
        file(brands.data_dir).chmod(0o600)
        brands.sites.refresh()
        assert brands.beta(token=token).status == 200
    page_links_file(brands.data_dir).write_text("[")
    brands.sites.refresh()
    assert brands.beta(token=token).status == 403


def test_another_key_ends_every_link(brands: BrandSites) -> None:
    token = brands.link()
    page_links_key_file(brands.data_dir).unlink()
    other = brands.link()
    assert brands.beta(token=token).status == 403
    assert brands.beta(token=other).status == 200


def name_of(descriptor: int) -> str:
    return Path(f"/proc/self/fd/{descriptor}").readlink().name


def test_what_is_written_is_for_the_folders_owner_alone(
    brands: BrandSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where root typed the command: the page is not root."""
    given: list[tuple[str, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda fd, owner, _: given.append((name_of(fd), owner)))
    brands.link()
    owner = brands.data_dir.stat().st_uid
    assert {name.partition(".")[2][:9]: whose for name, whose in given} == {
        "page-link": owner, "json.lock": owner, "json.new": owner,
    }  # fmt: skip
    for file in brands.data_dir.glob("page-links.*"):
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_page_becomes_private_whatever_is_wrong_with_another_ones_publication(
    brands: BrandSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Path, __: object) -> None:
        raise ZeroDivisionError

    brands.configure()
    brands.configure(ACME)
    monkeypatch.setattr(server, "load", fails)
    with pytest.raises(ZeroDivisionError):
        brands.configure(brand_page("acme", is_private=True), BETA)
    assert brands.get(ACME.hosts[0]).status == 403


def test_a_page_that_cannot_be_read_keeps_no_other_from_being_read_anew(
    brands: BrandSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    brands.configure(GAMMA, ACME)
    broken = brand_published_dir(brands.data_dir, GAMMA)

    def fails(folder: Path, former: Snapshot | None) -> Snapshot:
        if folder.parent == broken:
            raise ZeroDivisionError
        return load(folder, former)

    monkeypatch.setattr(server, "load", fails)
    for page in (GAMMA, ACME):
        publish_page("beta", brand_published_dir(brands.data_dir, page))
    with pytest.raises(ZeroDivisionError):
        brands.sites.refresh()
    assert named(body_of(brands.get(ACME.hosts[0]))) == {"beta"}


def test_a_link_is_revoked_while_the_configuration_cannot_be_followed(
    brands: BrandSites,
) -> None:
    token = brands.link()
    revoke_page_link(brands.data_dir, token.split(".")[0])
    catalogue_file(brands.data_dir).write_text("{}")
    brands.sites.refresh()
    assert brands.beta(token=token).status == 403


def test_a_configuration_that_the_system_refused_once_is_read_with_the_next_look(
    brands: BrandSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that became private while no descriptor was left is closed as soon as there is one."""

    def refuses(_: Path, __: object) -> None:
        raise CatalogueUnreadable("no file") from OSError(EMFILE, "Too many open files")

    with capture_logs() as logs:
        with monkeypatch.context() as during:
            during.setattr(watcher, "read_catalogues", refuses)
            brands.configure(brand_page("acme", is_private=True))
            brands.sites.refresh()
        assert brands.get(ACME.hosts[0]).status == 200
        brands.sites.refresh()
    assert [entry["event"] for entry in logs] == ["page.catalogue_unreadable", "page.brands"]
    assert brands.get(ACME.hosts[0]).status == 403


@pytest.mark.parametrize("written", ["[" * 100_000, '{"form": 1, "links": [Infinity]}', "null"])
def test_a_list_that_is_none_of_ours_opens_nothing_and_stops_no_page(
    brands: BrandSites, written: str
) -> None:
    token = brands.link()
    page_links_file(brands.data_dir).write_text(written)
    brands.sites.refresh()
    assert brands.beta(token=token).status == 403


@pytest.mark.parametrize("planted", ["json.lock", "json.new"])
def test_a_command_that_root_types_writes_into_no_file_of_others(
    brands: BrandSites, tmp_path: Path, planted: str
) -> None:
    """Whoever has taken over a role owns the folder, and may lay links to files of root's there."""
    (other := tmp_path / "others").write_text("theirs")
    brands.link()
    (laid := brands.data_dir / f"page-links.{planted}").unlink(missing_ok=True)
    laid.symlink_to(other)
    with suppress(OSError):
        brands.link()
    assert other.read_text() == "theirs"
    laid.unlink(missing_ok=True)
    laid.symlink_to(tmp_path / "not_there")
    with suppress(OSError):
        brands.link()
    assert not (tmp_path / "not_there").exists()


def test_operators_are_told_why_no_link_opens_a_private_page(brands: BrandSites) -> None:
    def told() -> str:
        return why_closed(brands.data_dir, brands.clock.now())

    assert told() == ""
    brands.link()
    assert told() == ""
    key = page_links_key_file(brands.data_dir)
    key.chmod(0o640)
    assert "chmod 600" in told()
    key.unlink()
    assert "page-links.key" in told()
    brands.clock.advance(31 * DAY)
    assert told() == ""
    page_links_file(brands.data_dir).write_text("[")
    assert told() != ""


def test_who_is_shut_out_does_not_wait_until_every_page_has_been_read(
    brands: BrandSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = brands.link()
    found: list[int] = []

    def reads(_: server.SnapshotWatcher) -> None:
        revoke_page_link(brands.data_dir, token.split(".")[0])
        found.append(brands.beta(token=token).status)

    monkeypatch.setattr(server.SnapshotWatcher, "refresh", reads)
    brands.sites.refresh()
    assert found == [200, 403, 403, 403]
