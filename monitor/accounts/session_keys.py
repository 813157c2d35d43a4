"""The key of a session: whoever has it is signed in. The journal has its hash alone."""

from __future__ import annotations

import hashlib

from monitor.accounts.ports import Randomness
from monitor.domain.accounts.account import AccountName, AccountSession, OpenedBy
from monitor.domain.time.interval import Second

SESSION_S = 14 * 86_400
IDLE_S = 12 * 3_600
TOUCH_S = 60
"""The last use of a session is written at most so often."""
_LONGEST_AGENT = 200


def hash_of(key: str) -> str:
    """SHA-256: the keys are random, so that a slow hash adds nothing."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_session(
    randomness: Randomness,
    account: AccountName,
    now: Second,
    *,
    address: str,
    user_agent: str,
    opened_by: OpenedBy = OpenedBy.PASSWORD,
) -> tuple[str, AccountSession]:
    """A key that nobody has had before, and its session, for the caller to save."""
    key = randomness.key()
    session = AccountSession(
        key_hash=hash_of(key),
        account=account,
        created_at=now,
        last_used_at=now,
        expires_at=Second(now + SESSION_S),
        address=address,
        user_agent=user_agent[:_LONGEST_AGENT],
        opened_by=opened_by,
    )
    return key, session
