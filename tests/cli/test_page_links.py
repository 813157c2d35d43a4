"""`estado page link`: links are made, listed by their ids, and revoked whatever has failed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import build_app
from monitor.cli.completing.here import known_here
from monitor.cli.completing.ids import Ids
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.roles.page_parts.page_links import page_links_in_force
from monitor.roles.settings import brand_published_dir, page_links_file
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from tests.cli.test_completing import SHELLS
from tests.e2e.product import config_text, free_port
from tests.roles.brand_sites import brand_page
from tests.statuspage.builders import showing
from tests.support.journals import new_journal
from tests.support.patience import PATIENCE_S

BRANDS = """
  brands:
    - name: Acme
      page: {id: acme, url: "https://status.acme.example", components: [web]}
    - name: Beta
      page: {id: beta, url: "https://status.beta.example", components: [web], private: true}
"""

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    text = config_text({"web": "127.0.0.1:1"}, page_port=free_port(), ops_port=free_port())
    head, page, rest = text.partition("page:\n")
    (tmp_path / "services.yaml").write_text(head + page + BRANDS.lstrip("\n") + rest, "utf-8")
    new_journal(tmp_path / "journal.db")

    def typed(*words: str) -> Result:
        named = ("-c", str(tmp_path / "services.yaml"), "-d", str(tmp_path))
        return CliRunner().invoke(build_app(), ["page", *words, *named])

    return typed


def audited(folder: Path) -> list[tuple[str, str, dict[str, object]]]:
    with open_journal(f"sqlite:///{folder / 'journal.db'}") as journal, journal.transaction() as tx:
        found = [c for c in tx.changes.since(0, 100) if c.kind.startswith("page_link.")]
    return [(c.kind, c.subject, dict(c.after or c.before)) for c in found]


def test_a_link_is_made_listed_and_revoked(run: Run, tmp_path: Path) -> None:
    made = run("link", "beta", "--for", "12h", "--label", "Ana")
    assert made.exit_code == 0
    assert made.stdout.startswith("https://status.beta.example/acceso/")
    token = made.stdout.strip().rpartition("/")[2]
    (link,) = json.loads(run("links", "--json").stdout)
    assert (link["page"], link["label"], link["until"] - link["made_at"]) == ("beta", "Ana", 43_200)
    assert link["id"] == token.split(".")[0]
    listed = run("links")
    assert link["id"] in listed.stdout
    assert token not in listed.stdout + page_links_file(tmp_path).read_text()
    assert run("revoke", link["id"]).exit_code == 0
    assert run("revoke", link["id"]).exit_code == 1
    assert "No link opens a private page." in run("links").stdout
    kinds = [(kind, subject) for kind, subject, _ in audited(tmp_path)]
    assert kinds == [("page_link.made", link["id"]), ("page_link.revoked", link["id"])]
    assert token not in str(audited(tmp_path))


def test_private_pages_and_links_are_completed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.cli.completing.ids.LIMIT_S", PATIENCE_S)
    id_ = run("link", "beta", "--label", "Ana").stdout.rpartition("/")[2].split(".")[0]
    config = tmp_path / "services.yaml"
    assert list(known_here(Ids.PRIVATE_PAGE, config, tmp_path)) == [("beta", "Beta")]
    assert list(known_here(Ids.PAGE_LINK, config, tmp_path)) == [(id_, "beta Ana")]
    line = {
        "_ESTADO_COMPLETE": "complete_bash",
        **SHELLS["bash"](f"estado page revoke -d {tmp_path} "),
    }
    offered = CliRunner().invoke(build_app(), [], prog_name="estado", env=line)
    assert offered.stdout.split() == [id_]


def test_a_link_opens_a_private_page_alone_and_for_a_time(run: Run, tmp_path: Path) -> None:
    for words, said in (
        (("link", "acme"), "everybody sees that page; private ones: beta"),
        (("link", "none"), "there is no such page; private ones: beta"),
        (("link", "beta", "--for", "0d"), "30d"),
        (("link", "beta", "--for", "forever"), "forever"),
    ):
        refused = run(*words)
        assert (refused.exit_code, said in refused.output) == (2, True), refused.output
    assert not page_links_file(tmp_path).exists()


def test_ids_of_links_are_told_while_the_configuration_is_broken(run: Run, tmp_path: Path) -> None:
    """Whoever has to revoke one needs its id."""
    id_ = run("link", "beta").stdout.rpartition("/")[2].split(".")[0]
    (tmp_path / "services.yaml").write_text("[")
    assert json.loads(run("links", "--json").stdout)[0]["id"] == id_


def test_a_link_is_revoked_where_the_journal_is_gone_and_that_is_said(
    run: Run, tmp_path: Path
) -> None:
    id_ = run("link", "beta").stdout.rpartition("/")[2].split(".")[0]
    (tmp_path / "journal.db").unlink()
    revoked = run("revoke", id_)
    assert f"{id_} opens beta no more." in revoked.output
    assert "There is no journal" in revoked.output
    assert revoked.exit_code != 0
    assert page_links_in_force(tmp_path, Second(0)) == []


def test_a_link_that_cannot_be_recorded_is_not_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "journal.db").unlink()
    assert run("link", "beta").exit_code != 0
    assert page_links_in_force(tmp_path, Second(0)) == []


def test_a_public_page_of_a_brand_is_exported_and_a_private_one_never(
    run: Run, tmp_path: Path
) -> None:
    said = showing(Shown.OPERATIONAL)
    for private in (False, True):
        folder = brand_published_dir(tmp_path, brand_page("acme", is_private=private))
        publish(folder, render(said), said.at, said.stale_after)
    assert run("export", str(tmp_path / "out"), "--page", "acme").exit_code == 0
    assert (tmp_path / "out" / "index.html").exists()
    refused = run("export", str(tmp_path / "private"), "--page", "beta")
    assert (refused.exit_code, "public page of a brand: acme" in refused.output) == (2, True)
    assert not (tmp_path / "private").exists()
