"""A large catalogue is read in a moment."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from monitor.config import ConfigErrors, compile_catalogue
from monitor.config.errors import MOST_OF_A_KIND, MOST_SHOWN, ConfigError
from tests.config.specimens import HEAD, SPECIMENS, with_services

SERVICES = 2_000
CPU_SECONDS = 4.0
"""About six times what it takes on a slow core: a bound on the kind of growth, not on speed."""


def test_it_reads_two_thousand_services() -> None:
    body = "".join(
        f"  - id: s-{i}\n    name: {{es: Servicio {i}, en: Service {i}}}\n    components:\n"
        f"      - id: c-{i}\n        name: Componente {i}\n"
        f"        depends_on: [{f'c-{i - 1}' if i else ''}]\n        checks:\n"
        f"          - id: k-{i}\n            probe: http\n"
        f"            target: https://h{i}.example/\n            interval: 30s\n"
        f"            settings: {{family: 4, max_bytes: 7}}\n"
        f'          - {{id: t-{i}, probe: tcp, target: "h{i}.example:25", timeout: 3s}}\n'
        for i in range(SERVICES)
    )
    with left_out_of_collections():
        started = time.process_time()
        catalogue = compile_catalogue(
            with_services(body, HEAD), filename="large.yaml", registries=SPECIMENS
        )
        assert time.process_time() - started < CPU_SECONDS
    assert len(catalogue.checks) == 2 * SERVICES


@contextmanager
def left_out_of_collections() -> Iterator[None]:
    """What the tests before left in memory is not gone through again and again meanwhile."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def test_a_mistake_that_stands_a_thousand_times_is_a_screen_of_text() -> None:
    """And the one of another kind, in the last line, is not lost among them."""
    body = "".join(
        f"  - id: s-{i}\n    name: S\n    components:\n      - id: c-{i}\n        name: C\n"
        f"        checks:\n"
        f"          - {{id: t-{i}, probe: tcp, target: 'h.example:25', tries: 1}}\n"
        for i in range(1_000)
    )
    text = with_services(body + "  - {id: No slug, name: Uno}\n", HEAD)
    with pytest.raises(ConfigErrors) as refused:
        compile_catalogue(text, filename="services.yaml", registries=SPECIMENS)
    lines = str(refused.value).splitlines()
    assert len(refused.value.errors) >= 1_001
    assert len(lines) < 30
    assert "980 more like these: services[].components[].checks[].tries" in lines
    assert any("services[1000]" in line for line in lines)


def test_a_thousand_different_mistakes_are_counted_as_well() -> None:
    errors = [
        ConfigError(filename="a.yaml", line=n, path=f"unknown_{n}", wanted="is no setting here")
        for n in range(1_000)
    ]
    lines = str(ConfigErrors(errors)).splitlines()
    assert len(lines) == MOST_SHOWN + MOST_OF_A_KIND + 1
    assert lines[-1] == "780 more at 780 other places"
