"""`estado probe KIND TARGET` and `estado probe CHECK`: one check run, now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from monitor.cli.probe.configured import check
from monitor.cli.probe.settings import BadSettings, describe, read_specification, take_timeout
from monitor.cli.probe.view import EXIT_CODES, WireView, as_json, show
from monitor.domain.checks.observation import Observation, Outcome
from monitor.registry import KindUnusable
from monitor.roles.prober.run_once import run_check_once
from probes._kind import ProbeKind, by_id
from probes.registry import PROBES

DEFAULT_TIMEOUT_S = 10.0
_CHECK = "check"
_USAGE_ERROR: Any = typer.BadParameter.__base__
"""Typer brings its own copy of click, whose types have no public name."""

TargetArgument = Annotated[str, typer.Argument(help="What to look at.", show_default=False)]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting, below; again for each."),
]
Timeout = Annotated[
    float | None, typer.Option("--timeout", min=0.1, max=600, help="Seconds; default 10.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")]
WithTranscript = Annotated[
    bool, typer.Option("--transcript", help="Show what is said on the wire, secrets masked.")
]


class _LikeMonitoringPlugins(TyperGroup):
    """A command that is typed wrongly says nothing of the target: it exits with 3, for the shell's
    usual 2 means *down* here."""

    def resolve_command(self, ctx: Any, args: Any) -> Any:
        return super().resolve_command(ctx, [_CHECK, *args] if self._names_a_check(args) else args)

    def _names_a_check(self, words: Sequence[str]) -> bool:
        """A kind that is typed wrongly has a target behind it."""
        return _stands_alone(words) and words[0] not in self.commands

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        with _usage_is_unknown():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        with _usage_is_unknown():
            return super().invoke(ctx)


@contextmanager
def _usage_is_unknown() -> Iterator[None]:
    try:
        yield
    except _USAGE_ERROR as error:
        error.exit_code = EXIT_CODES[Outcome.UNKNOWN]
        raise


def register(app: typer.Typer, words: Sequence[str] = ()) -> None:
    """Add `probe` with a command for each kind in the registry, and one for what is configured; of
    the kinds, no more than `words` need."""
    probe = typer.Typer(
        cls=_LikeMonitoringPlugins,
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "Look at a target, or at a configured check, now and say what was seen: "
            "[bold]estado probe KIND TARGET[/], [bold]estado probe CHECK[/].\n\n"
            "Nothing is stored. Exits 0 up, 1 degraded, 2 down, 3 unknown or typed wrongly."
        ),
        short_help="Look at a target, or at a configured check, now.",
        callback=_require_reach,
    )
    for name in _kinds(words):
        try:
            kind = PROBES[name]
        except KindUnusable as error:
            sys.stderr.write(f"Error: {error}\n")
            raise SystemExit(EXIT_CODES[Outcome.UNKNOWN]) from error
        probe.command(kind.name, help=_help(kind), short_help=kind.summary)(_command(kind))
    probe.command(_CHECK)(check)
    app.add_typer(probe, name="probe")


def _kinds(words: Sequence[str]) -> Iterable[str]:
    """Those that are loaded; none for a configured check."""
    if words and words[0] in PROBES:
        return words[:1]
    return () if words[:1] == [_CHECK] or _stands_alone(words) else PROBES.usable()


def _stands_alone(words: Sequence[str]) -> bool:
    """A name with nothing but options behind it."""
    return (
        bool(words and words[0])
        and not words[0].startswith("-")
        and (len(words) == 1 or words[1].startswith("-"))
    )


def _require_reach(context: typer.Context) -> None:
    """A door has no target typed to it: it would be a way into its network."""
    url, name = context.find_root().params.get("url"), context.invoked_subcommand
    if url is not None and name != _CHECK:
        raise typer.BadParameter(f"estado probe {name} works on this host alone: leave out --url")


def _command(kind: ProbeKind) -> Callable[..., None]:
    def probe(
        target: TargetArgument,
        settings: Settings = None,
        timeout: Timeout = None,
        as_json: AsJson = False,
        transcript: WithTranscript = False,
    ) -> None:
        _run(kind, target, settings or [], timeout, is_json=as_json, is_shown=transcript)

    return probe


def _run(
    kind: ProbeKind,
    target: str,
    settings: list[str],
    timeout: float | None,
    *,
    is_json: bool,
    is_shown: bool,
) -> None:
    try:
        set_timeout, rest = take_timeout(settings)
        spec = read_specification(kind, target, rest)
    except BadSettings as bad:
        for line in bad.lines:
            typer.echo(line, err=True)
        raise typer.Exit(EXIT_CODES[Outcome.UNKNOWN]) from bad
    out, err = Console(highlight=False), Console(file=sys.stderr, highlight=False)
    wire = WireView(err if is_json else out) if is_shown else None
    timeout_s = timeout or set_timeout or DEFAULT_TIMEOUT_S
    observation = run_check_once(kind, spec, timeout_s=timeout_s, transcript=wire)
    _report(out, kind, target, observation, is_json=is_json)
    raise typer.Exit(EXIT_CODES[observation.outcome])


def _report(
    out: Console, kind: ProbeKind, target: str, observation: Observation, *, is_json: bool
) -> None:
    if is_json:
        typer.echo(as_json(observation))
        return
    failure = by_id(kind.failures).get(observation.failure) if observation.failure else None
    show(out, kind.name, target, observation, failure)


def _help(kind: ProbeKind) -> str:
    """What a kind does, its settings, and a command to copy."""
    lines = []
    for name, default, description in describe(kind):
        note = f" [dim](default {_plain(default)})[/]" if default and default != "required" else ""
        needed = " [dim](from TARGET)[/]" if default == "required" else ""
        lines.append(f"[bold]{name}[/]: {_plain(description)}{note}{needed}")
    settings = "\n\n".join(lines)
    return (
        f"{kind.summary[0].upper()}{kind.summary[1:]}.\n\n"
        f"[bold]Example:[/] {_plain(kind.example)}\n\n"
        f"[bold]Phases:[/] {', '.join(kind.phases)}\n\n"
        f"[bold]Settings[/] (--set KEY=VALUE; a mapping's as --set headers.X-Name=value; "
        "several values with commas, or as a JSON list where one holds a comma):\n\n"
        f"{settings}"
    )


def _plain(words: str) -> str:
    """Text in which brackets are no markup."""
    return words.replace("[", "\\[")
