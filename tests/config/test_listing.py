"""A configuration listed: each value with its line, and no secret that it gives away."""

from __future__ import annotations

import pytest

from monitor.config.document import Unreadable
from monitor.config.revisions.listing import configured_values

TEXT = """\
page:
  name: {es: Estado}
  brands: []
timezone: UTC
services:
  # a comment
  - id: web
    checks:
      - id: web-1
        settings: {follow: true, code: 200}
"""


def listed(text: str) -> dict[str, object]:
    return {one.path: one.value for one in configured_values(text)}


def test_each_value_has_the_line_that_it_stands_in() -> None:
    found = [(one.path, one.line, one.value) for one in configured_values(TEXT)]
    assert found == [
        ("page.name.es", 2, "Estado"),
        ("page.brands", 3, []),
        ("timezone", 4, "UTC"),
        ("services[0].id", 7, "web"),
        ("services[0].checks[0].id", 9, "web-1"),
        ("services[0].checks[0].settings.follow", 10, True),
        ("services[0].checks[0].settings.code", 10, 200),
    ]


def test_a_secret_is_its_reference() -> None:
    text = "a: {password: '${MAIL}', token: 'file:/run/t', secret: {file: /run/s}}\n"
    assert list(listed(text).values()) == ["${MAIL}", "file:/run/t", "/run/s"]


@pytest.mark.parametrize(
    "text",
    [
        "headers: {Authorization: Basic hunter2}",
        "headers: {X-Api-Key: hunter2}",
        "headers: {X-Whatever: Bearer hunter2}",
        "headers: {Cookie: sid=hunter2}",
        "settings: {passphrase: hunter2}",
        "a: {secret_headers: {X: hunter2}}",
        "journal: postgresql://estado:hunter2@db/estado",
        "target: https://a.example/x?token=hunter2&y=1",
        "alerts: {routes: [{via: [{settings: {url: 'https://h.example/T1/hunter2'}}]}]}",
        "alerts: {routes: [{via: [{settings: {url: 'https://h.example?a=hunter2'}}]}]}",
        "a: 'http://[hunter2'",
    ],
)
def test_a_literal_secret_is_hidden(text: str) -> None:
    found = listed(text)
    assert "hunter2" not in repr(found)
    assert "***" in repr(found)


def test_what_is_no_secret_stays_readable() -> None:
    text = (
        "key_file: /etc/console.key\ntarget: https://a.example/x?y=1#z\n"
        "alerts: {url: 'https://h.example/'}\n"
    )
    assert listed(text) == {
        "key_file": "/etc/console.key",
        "target": "https://a.example/x?y=1#z",
        "alerts.url": "https://h.example/",
    }


def test_a_bomb_is_not_listed() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 9):
        text += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n"
    with pytest.raises(Unreadable):
        configured_values(text)
