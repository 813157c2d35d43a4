"""What notices of the monitor about itself say, by language and kind."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.i18n.formats import Lang
from monitor.i18n.system_alerts.en import ENGLISH
from monitor.i18n.system_alerts.es import SPANISH
from monitor.i18n.system_alerts.form import SystemAlertText

NOTICE_WORDS: Mapping[Lang, Mapping[str, SystemAlertText]] = {Lang.ES: SPANISH, Lang.EN: ENGLISH}
