"""Where things lie: the default configuration, the data folder and the files in it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from monitor.domain.catalogue import BrandPage

DEFAULT_DATA_DIR = Path("var")
_DELIVERIES = {"email": "deliveries.db", "clients": "client_deliveries.db"}
"""Those that are not named after their kind."""
_CHECKOUT = Path(__file__).resolve().parents[2]


def default_config() -> Path:
    """The folder's own `config/services.yaml`, else the checkout's, else the bundled one."""
    for folder in (Path.cwd(), _CHECKOUT):
        found = folder / "config" / "services.yaml"
        if found.is_file():
            return found
    return Path(str(resources.files("monitor") / "_bundled" / "config" / "services.yaml"))


def typed_options(config: Path, data_dir: Path) -> str:
    """The options that a command needs to reach this very product when a person types it; empty
    where the defaults do."""
    named = []
    if config.resolve() != default_config().resolve():
        named += ["-c", str(config.resolve())]
    if data_dir.resolve() != DEFAULT_DATA_DIR.resolve():
        named += ["-d", str(data_dir.resolve())]
    return "".join(f" {shlex.quote(word)}" for word in named)


def journal_url(data_dir: Path, configured: str | None) -> str:
    """The configured address, else the SQLite file in the data folder."""
    return configured or f"sqlite:///{data_dir / 'journal.db'}"


def log_file(data_dir: Path) -> Path:
    return data_dir / "results.db"


def quiet_file(data_dir: Path, role: str) -> Path:
    """Exists while a role drops nothing, for the wall clock has leapt."""
    return data_dir / f"{role}.quiet"


def damage_file(data_dir: Path) -> Path:
    """Written by the core: which file it found damaged where the result log is."""
    return data_dir / "core.log-damaged"


def journal_reported_file(data_dir: Path) -> Path:
    """Which damaged journal was reported to operators already."""
    return data_dir / "core.journal-damaged"


def journal_held_file(data_dir: Path) -> Path:
    """Written by the core while another process holds the journal: which, and for how long."""
    return data_dir / "core.journal-held"


def stopped_roles_file(data_dir: Path) -> Path:
    """Written by the supervisor while any role is stopped."""
    return data_dir / "supervisor.stopped"


def follower_file(data_dir: Path) -> Path:
    """The store role's own."""
    return data_dir / "store.db"


def catalogue_file(data_dir: Path) -> Path:
    return data_dir / "catalogue.json"


def published_dir(data_dir: Path) -> Path:
    return data_dir / "published"


def brand_published_dir(data_dir: Path, page: BrandPage) -> Path:
    """As `published_dir`, of a brand's page. Private ones lie apart, where no web server in front
    is ever pointed to."""
    public, private = brand_folders(data_dir)
    return (private if page.is_private else public) / page.id


def brand_folders(data_dir: Path) -> tuple[Path, Path]:
    """Where the folders of brands' pages are: of public ones, and of private ones."""
    return data_dir / "brand-pages", data_dir / "private-pages"


def page_links_key_file(data_dir: Path) -> Path:
    """By which links to private pages are signed; made with the first one."""
    return data_dir / "page-links.key"


def page_links_file(data_dir: Path) -> Path:
    """The links to private pages that are in force."""
    return data_dir / "page-links.json"


def console_key_file(data_dir: Path, configured: str | None) -> Path:
    """The configured one, which may lie elsewhere, else that of the data folder."""
    return data_dir / (configured or "console.key")


def page_inbox_file(data_dir: Path) -> Path:
    """What visitors asked for: written by the page, read by the core. In a folder of its own, for
    the page may be let write nothing else."""
    return data_dir / "page" / "inbox.db"


def problems_inbox_file(data_dir: Path) -> Path:
    """What customers say that fails: written by the page, read by the core. Apart from the other,
    so that a flood of the one leaves room in the other."""
    return data_dir / "page" / "problems.db"


def mirror_times_file(data_dir: Path) -> Path:
    """When each mirror was last up to date, as the page notes it for the core."""
    return data_dir / "page" / "mirrors.json"


def mirrors_dir(data_dir: Path) -> Path:
    """Where the page gathers what it pushes to git."""
    return data_dir / "page" / "mirrors"


def subscribers_inbox_file(data_dir: Path) -> Path:
    """What became of messages to subscribers: written by their dispatcher, read by the core."""
    return data_dir / "subscribers-inbox.db"


def deliveries_file(data_dir: Path, kind: str = "email") -> Path:
    """Which message went to which subscriber of that kind, or which client: the subscribers role's
    own."""
    return data_dir / _DELIVERIES.get(kind, f"deliveries-{kind}.db")


def inboxes_read_file(data_dir: Path) -> Path:
    """Written by the core: how far it has read each inbox."""
    return data_dir / "core.inboxes"


def panel_services_file(data_dir: Path) -> Path:
    """What was read of the billing panel's services, until they are imported."""
    return data_dir / "panel-services.jsonl"


def closing_dir(data_dir: Path, period: str) -> Path:
    """Parts of a month that is being closed."""
    return data_dir / "closing" / period


def subscribers_key_file(data_dir: Path) -> Path:
    """By which links to subscribers prove what they may do; made by the core."""
    return data_dir / "subscribers.key"


def subscribers_wanted_file(data_dir: Path) -> Path:
    """There while the configuration in force has subscribers; written by the core, with the kinds
    that are told."""
    return data_dir / "core.subscribers"


def kinds_told(data_dir: Path) -> Sequence[str]:
    """Whom the subscribers role tells now; none where it has nothing to do."""
    try:
        # A core of a version before wrote nothing into it.
        return subscribers_wanted_file(data_dir).read_text("utf-8").split() or ["email"]
    except FileNotFoundError:
        return []


def names_table_file(data_dir: Path) -> Path:
    """Which components serve a customer's domain, of those that some page shows, by keyed hashes:
    written by the core, read by the page, never inside what is served."""
    return data_dir / "names.table"


def names_key_file(data_dir: Path) -> Path:
    """By which names are hashed; made by the core."""
    return data_dir / "names.key"


def pending_config(data_dir: Path) -> Path:
    """What `estado config apply` leaves for the core to take up."""
    return data_dir / "pending-config.yaml"


def config_source(config: Path, data_dir: Path) -> Path:
    """What a start reads: the file that `estado config apply` left while no core ran, else the one
    that is named."""
    pending = pending_config(data_dir)
    return pending if pending.is_file() else config


def started_config_file(data_dir: Path) -> Path:
    """Which configuration the core was started with."""
    return data_dir / "core.config"


def core_pid_file(data_dir: Path) -> Path:
    return data_dir / "core.pid"
