"""The system's keyring, by the library `keyring` where it is installed (extra `keyring`)."""

from __future__ import annotations

from typing import Protocol

_SERVICE = "estado"


class KeyringFault(Exception):
    """It is locked, or failed; the text says how."""


class Keyring(Protocol):
    """Each method raises KeyringFault. A credential stands there by its door's address."""

    def get(self, url: str) -> str | None: ...

    def set(self, url: str, key: str) -> None: ...

    def delete(self, url: str) -> None: ...


def system_keyring() -> Keyring | None:
    """None where the library is not installed, or finds nothing that keeps secrets."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        backend = keyring.get_keyring()
        is_usable = backend.priority > 0
    except Exception:  # noqa: BLE001 - a backend that cannot even be asked is as good as none
        return None
    return _SystemKeyring() if is_usable else None


class _SystemKeyring:
    """Backends of many kinds raise errors of their own."""

    def get(self, url: str) -> str | None:
        import keyring

        try:
            return keyring.get_password(_SERVICE, url)
        except Exception as error:
            raise KeyringFault(_said(error)) from error

    def set(self, url: str, key: str) -> None:
        import keyring

        try:
            keyring.set_password(_SERVICE, url, key)
        except Exception as error:
            raise KeyringFault(_said(error)) from error

    def delete(self, url: str) -> None:
        import keyring

        try:
            keyring.delete_password(_SERVICE, url)
        except Exception as error:
            raise KeyringFault(_said(error)) from error


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
