"""A large catalogue is read in a moment."""

from __future__ import annotations

import time

from monitor.config import compile_catalogue
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
    started = time.process_time()
    catalogue = compile_catalogue(
        with_services(body, HEAD), filename="large.yaml", registries=SPECIMENS
    )
    assert time.process_time() - started < CPU_SECONDS
    assert len(catalogue.checks) == 2 * SERVICES
