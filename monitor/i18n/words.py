"""The words of every language, by subject.

What the public reads is there in every language (`monitor/i18n/languages.py`); what only the people
who run the product read, in theirs.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.catalogue import Page
from monitor.domain.checks.symptoms import Symptom
from monitor.i18n.en.alerts import ALERTS as EN_ALERTS
from monitor.i18n.en.billing.budget import BUDGET_ALERT as EN_BUDGET_ALERT
from monitor.i18n.en.billing.paper import PAPER as EN_PAPER
from monitor.i18n.en.billing.story import CREDIT_STORY as EN_CREDIT_STORY
from monitor.i18n.en.console import CONSOLE as EN_CONSOLE
from monitor.i18n.en.monitor import MONITOR as EN_MONITOR
from monitor.i18n.en.system_alerts import SYSTEM_ALERTS as EN_SYSTEM_ALERTS
from monitor.i18n.es.alerts import ALERTS as ES_ALERTS
from monitor.i18n.es.billing.budget import BUDGET_ALERT as ES_BUDGET_ALERT
from monitor.i18n.es.billing.paper import PAPER as ES_PAPER
from monitor.i18n.es.billing.story import CREDIT_STORY as ES_CREDIT_STORY
from monitor.i18n.es.console import CONSOLE as ES_CONSOLE
from monitor.i18n.es.monitor import MONITOR as ES_MONITOR
from monitor.i18n.es.system_alerts import SYSTEM_ALERTS as ES_SYSTEM_ALERTS
from monitor.i18n.forms.alerts import AlertWords
from monitor.i18n.forms.answer import AnswerSentences
from monitor.i18n.forms.billing.budget import BudgetAlertWords
from monitor.i18n.forms.billing.paper import PaperWords
from monitor.i18n.forms.billing.story import CreditStoryWords
from monitor.i18n.forms.console import ConsoleWords
from monitor.i18n.forms.customers import AffectedWords, ProblemWords
from monitor.i18n.forms.incidents import IncidentSentences
from monitor.i18n.forms.monitor import MonitorWords
from monitor.i18n.forms.page import Words
from monitor.i18n.forms.subscribers import SubscriberWords
from monitor.i18n.forms.symptoms import SymptomWords
from monitor.i18n.forms.system_alerts import SystemAlertText
from monitor.i18n.languages import LANGUAGES, OPERATORS_LANGUAGES, Lang

AFFECTED: Mapping[Lang, AffectedWords] = {lang: of.affected for lang, of in LANGUAGES.items()}
ALERTS: Mapping[Lang, AlertWords] = {Lang.ES: ES_ALERTS, Lang.EN: EN_ALERTS}
ANSWER: Mapping[Lang, AnswerSentences] = {lang: of.answer for lang, of in LANGUAGES.items()}
BUDGET_ALERT: Mapping[Lang, BudgetAlertWords] = {
    Lang.ES: ES_BUDGET_ALERT,
    Lang.EN: EN_BUDGET_ALERT,
}
CONSOLE: Mapping[Lang, ConsoleWords] = {Lang.ES: ES_CONSOLE, Lang.EN: EN_CONSOLE}
CREDIT_STORY: Mapping[Lang, CreditStoryWords] = {
    Lang.ES: ES_CREDIT_STORY,
    Lang.EN: EN_CREDIT_STORY,
}
EXCLUSION_CAUSES = frozenset(LANGUAGES[Lang.ES].page.exclusion_causes)
"""Those that have published words."""
INCIDENTS: Mapping[Lang, IncidentSentences] = {lang: of.incidents for lang, of in LANGUAGES.items()}
MONITOR: Mapping[Lang, MonitorWords] = {Lang.ES: ES_MONITOR, Lang.EN: EN_MONITOR}
SYMPTOMS: Mapping[Lang, Mapping[Symptom, SymptomWords]] = {
    lang: of.symptoms for lang, of in LANGUAGES.items()
}
PAPER: Mapping[Lang, PaperWords] = {Lang.ES: ES_PAPER, Lang.EN: EN_PAPER}
PAGE: Mapping[Lang, Words] = {lang: of.page for lang, of in LANGUAGES.items()}
PROBLEMS: Mapping[Lang, ProblemWords] = {lang: of.problems for lang, of in LANGUAGES.items()}
SUBSCRIBERS: Mapping[Lang, SubscriberWords] = {
    lang: of.subscribers for lang, of in LANGUAGES.items()
}
SYSTEM_ALERTS: Mapping[Lang, Mapping[str, SystemAlertText]] = {
    Lang.ES: ES_SYSTEM_ALERTS,
    Lang.EN: EN_SYSTEM_ALERTS,
}


def operators_lang(page: Page) -> Lang:
    """The page's own language; Spanish where that is none in which messages are made."""
    first = page.locales[0] if page.locales else Lang.ES
    return Lang(first) if first in OPERATORS_LANGUAGES else Lang.ES
