"""The last target of a route refuses: it is tried again, and other routes report it."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.catalogue import Alerting
from monitor.domain.incidents.delivery import Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.i18n.alert_subject import one_line, shortened
from monitor.self_monitoring.system_alert import system_alerts

_DAY = 86_400
_LONGEST_REASON = 80


def refusal_alerts(
    refused: Notification, alerting: Alerting, now: Second, reason: str
) -> list[Notification]:
    """One system alert to each other route, once a day: whoever reads it can mend the target. None
    where such an alert itself was refused, or two broken routes would report each other."""
    if refused.subject.startswith(SystemAlert.TARGET_REFUSES):
        return []
    others = tuple(r for r in alerting.routes if r.id != refused.route)
    event = f"{SystemAlert.TARGET_REFUSES}:{refused.target}:{now // _DAY}"
    about = f"{refused.target}={shortened(one_line(reason), _LONGEST_REASON)}"
    subject = f"{SystemAlert.TARGET_REFUSES}:{int(now)}:{about}"
    found = system_alerts(event, subject, replace(alerting, routes=others), now)
    return [alert for alert in found if alert.target != refused.target]
