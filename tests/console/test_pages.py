"""What each screen says, and what it does."""

from __future__ import annotations

from monitor.domain.accounts.permissions import AccountRole
from tests.console.visitor import Visitor

OPERATOR, ADMIN, VIEWER = AccountRole.OPERATOR, AccountRole.ADMIN, AccountRole.VIEWER


async def test_every_page_opens(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    incident = visitor.service.fall("web")
    visitor.service.publish_log()
    for path in (
        "/", "/incidents", f"/incidents/{incident}", "/checks", "/checks/web-check",
        "/components/web", "/maintenance", "/audit", "/accounts",
    ):  # fmt: skip
        for lang in ("es", "en"):
            seen = await visitor.get(path, Accept_Language=lang)
            assert seen.status == 200, (path, seen.words)
            assert f'<html lang="{lang}">' in seen.text
