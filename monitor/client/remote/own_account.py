"""One's own account at a door elsewhere: in a session alone, for no token changes who one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.client.door import Door, step
from monitor.client.ports import Document
from monitor.client.reading import Fields


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TypedProof:
    """That it is oneself: the present password, and a code where there is a second factor."""

    password: str
    code: str = ""

    @property
    def body(self) -> dict[str, str]:
        return {"password": self.password, "code": self.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccountView:
    name: str
    has_second_factor: bool
    recovery_codes_left: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PasswordChangedView:
    """`key` is of the session that goes on; `tokens` are those that open as before."""

    key: str
    sessions_ended: int
    tokens: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EnrolmentView:
    """A seed that does not count yet: as text, and as the address that an authenticator reads."""

    enrolment: str
    secret: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EnrolledView:
    key: str
    recovery_codes: Sequence[str]


class RemoteOwnAccount:
    """Each method raises Refused and DoorError: `session.in_person` where a token asks."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def show(self) -> OwnAccountView:
        found = self._door.get("/account")
        return OwnAccountView(
            name=found.text("name"),
            has_second_factor=found.flag("has_second_factor"),
            recovery_codes_left=found.number("recovery_codes_left"),
        )

    def sessions(self) -> Sequence[Document]:
        return self._door.get("/account/sessions").documents("sessions")

    def end_session(self, wanted: str) -> None:
        self._door.delete(f"/account/sessions/{step(wanted)}")

    def change_password(self, proof: TypedProof, new: str) -> PasswordChangedView:
        body = {**proof.body, "new_password": new}
        found = self._door.act("/account/password", body)
        return PasswordChangedView(
            key=found.text("key"),
            sessions_ended=found.number("sessions_ended"),
            tokens=found.each("tokens", _token),
        )

    def begin_second_factor(self) -> EnrolmentView:
        found = self._door.act("/account/second-factor")
        return EnrolmentView(
            enrolment=found.text("enrolment"),
            secret=found.text("secret"),
            address=found.text("otpauth"),
        )

    def confirm_second_factor(
        self, proof: TypedProof, enrolment: str, new_code: str
    ) -> EnrolledView:
        body = {**proof.body, "enrolment": enrolment, "new_code": new_code}
        found = self._door.act("/account/second-factor/confirm", body)
        return EnrolledView(key=found.text("key"), recovery_codes=found.texts("recovery_codes"))

    def remove_second_factor(self, proof: TypedProof) -> str:
        """The key of the session that goes on."""
        return self._door.delete_by("/account/second-factor", proof.body).text("key")

    def renew_recovery_codes(self, proof: TypedProof) -> Sequence[str]:
        return self._door.act("/account/recovery-codes", proof.body).texts("recovery_codes")


def _token(found: Fields) -> str:
    """`k3f9a2bc grafana`."""
    return " ".join((found.text("id"), found.text("label"))).strip()
