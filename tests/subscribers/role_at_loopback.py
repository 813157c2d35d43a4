"""The role that tells subscribers, as it runs: but webhooks may lead to this machine, and what the
page says is known without one. `python -m tests.subscribers.role_at_loopback`."""

from __future__ import annotations

from monitor.roles.subscribers import role
from monitor.subscribers.channels import webhook

CONNECTIONS = 4
"""Of webhooks too: what may repeat after a kill is bounded by it."""


def main() -> int:
    vars(role).update(
        strangers_guard=lambda host, address: None,
        PageStatus=lambda folder, clock: lambda: {"id": "p1"},
    )
    vars(webhook).update(CONNECTIONS=CONNECTIONS)
    return role.main()


if __name__ == "__main__":
    raise SystemExit(main())
