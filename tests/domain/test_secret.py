"""A secret prints as a mask, refuses to be written down, and is opened only when asked."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from monitor.domain.secret import Secret, SecretMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    user: str
    password: Secret | None = None


def test_it_prints_a_mask_wherever_it_stands() -> None:
    login = Login(user="probe", password=Secret("${PROBE_PASSWORD}"))
    assert "PROBE_PASSWORD" not in f"{login} {login.password!s} {login!r}"


def test_it_reveals_what_the_environment_holds_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_PASSWORD", "hunter2")
    assert pickle.loads(pickle.dumps(Secret("${PROBE_PASSWORD}"))).reveal() == "hunter2"  # noqa: S301


def test_it_reveals_a_file_without_its_last_line_feed(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n", "utf-8")
    assert Secret(f"file:{tmp_path}/password").reveal() == "hunter2"


@pytest.mark.parametrize("reference", ["${NOT_THERE_AT_ALL}", "file:/not/there/at/all"])
def test_it_names_the_reference_that_leads_nowhere(reference: str) -> None:
    with pytest.raises(SecretMissing, match=r"NOT_THERE_AT_ALL|/not/there/at/all"):
        Secret(reference).reveal()


@pytest.mark.parametrize("literal", ["hunter2", "", "$NAME", "${}", "file:", "x${NAME}"])
def test_it_refuses_a_value_in_place_of_a_reference(literal: str) -> None:
    with pytest.raises(ValueError, match="want a reference"):
        Secret(literal)


def test_it_is_validated_in_place_by_the_configuration() -> None:
    adapter = TypeAdapter(Login)
    assert adapter.validate_python({"user": "a", "password": "${P}"}).password == Secret("${P}")
    assert adapter.json_schema()["properties"]["password"]["anyOf"][0]["type"] == "string"
    with pytest.raises(ValidationError, match="got a literal value") as refused:
        adapter.validate_python({"user": "a", "password": "hunter2"})
    assert "hunter2" not in str(refused.value.errors(include_input=False))


def test_a_file_that_is_no_text_is_missing_and_tells_none_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xf1\xf2 secret")
    with pytest.raises(SecretMissing, match="no UTF-8 text") as caught:
        Secret(f"file:{tmp_path / 'token'}").reveal()
    assert "0xf1" not in str(caught.value)
