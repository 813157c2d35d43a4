"""Words of the pages between here and an OpenID provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderWords:
    title: str
    sign_in_at: str
    """With the provider's host."""
    code: str
    code_hint: str
    go_on: str


PROVIDER_WORDS: Mapping[str, ProviderWords] = {
    "en": ProviderWords(
        title="Sign in",
        sign_in_at="Sign in at {host}",
        code="Code of your authenticator",
        code_hint="Or a recovery code. The provider's word is not enough for this account.",
        go_on="Go on",
    ),
    "es": ProviderWords(
        title="Entrar",
        sign_in_at="Entrar por {host}",
        code="Código de su aplicación",
        code_hint=(
            "O un código de recuperación. Para esta cuenta no alcanza con lo que dice el proveedor."
        ),
        go_on="Seguir",
    ),
}
