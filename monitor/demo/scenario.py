"""The demonstration's addresses, and the configurations that the product runs on them."""

from __future__ import annotations

from pathlib import Path

HOST = "127.0.0.1"
PORTS = {
    "web": 18443,
    "dns": 18053,
    "mail": 18025,
    "imap": 18143,
    "radio": 18800,
    "beacon": 18007,
    "sink-smtp": 18925,
    "sink-http": 18926,
    "page": 8080,
    "ops": 9090,
    "console": 9092,
}
GUARANTEE = "0.9989"


def live_config(folder: Path) -> str:
    """What `make demo` runs on: runs every two seconds, short waits, alerts to the mailbox."""
    return _config(folder, interval="2s", timeout="1s", alerts=_alerts(), listening="5s")


def past_config(folder: Path) -> str:
    """What the past was simulated on: check runs each minute, and nobody to alert about it."""
    quiet = "alerts:\n  group_wait: 30s\n"
    return _config(folder, interval="60s", timeout="10s", alerts=quiet, listening="60s")


def _alerts() -> str:
    return f"""alerts:
  group_wait: 5s
  observe: 5s
  flap_window: 1m
  routes:
    - id: guardia
      via:
        - id: guardia-correo
          kind: email
          settings:
            host: {HOST}
            port: {PORTS["sink-smtp"]}
            security: none
            sender: estado@demo.test
            recipients: [guardia@demo.test]
    - id: sala
      via:
        - id: sala-webhook
          kind: webhook
          settings:
            url: http://{HOST}:{PORTS["sink-http"]}/alertas
"""


def _config(folder: Path, *, interval: str, timeout: str, alerts: str, listening: str) -> str:
    ca = folder / "tls" / "ca.pem"
    return f"""# Made by `estado demo start`, and made anew each time.
page:
  name: {{es: Estado del Servicio, en: Service status}}
  company: Demostración
  url: http://{HOST}:{PORTS["page"]}
  listen: {HOST}:{PORTS["page"]}
timezone: America/Argentina/Buenos_Aires
support:
  - id: sla-1
    name: {{es: Asesoramiento, en: Advice}}
    hours: {{days: mon-fri, opens: "10:00", closes: "17:00"}}
    channels: {{es: "Chat, correo, ticket o teléfono", en: "Chat, e-mail, ticket or phone"}}
    purpose: {{es: Consultas sobre cómo usar sus servicios., en: Questions on how to use it.}}
terms:
  - id: default
    guarantee: "{GUARANTEE}"
connectivity:
  targets: ["{HOST}:{PORTS["beacon"]}"]
  timeout: 1s
{alerts}operations:
  listen: {HOST}:{PORTS["ops"]}
  console:
    listen: {HOST}:{PORTS["console"]}
defaults:
  interval: {interval}
  timeout: {timeout}
  confirm_down: 3
services:
  - id: hosting
    name: {{es: Hosting web, en: Web hosting}}
    components:
      - id: panel
        name: {{es: Panel de cliente, en: Client panel}}
        checks:
          - id: panel-https
            probe: http
            connectivity_check: default
            target: https://{HOST}:{PORTS["web"]}/
            host: demo-1
            settings: {{ca_file: "{ca}"}}
  - id: dominios
    name: {{es: Dominios y DNS, en: Domains and DNS}}
    components:
      - id: ns1
        name: {{es: Servidor de nombres 1, en: Name server 1}}
        checks:
          - id: ns1-a
            probe: dns
            connectivity_check: default
            target: dns://{HOST}:{PORTS["dns"]}/www.demo.test?type=A
            settings: {{expect: ["192.0.2.10"]}}
  - id: correo
    name: {{es: Correo, en: Mail}}
    components:
      - id: envio
        name: {{es: Envío de correo, en: Outgoing mail}}
        role: courtesy
        checks:
          - id: envio-smtp
            probe: smtp
            connectivity_check: default
            target: smtp://{HOST}:{PORTS["mail"]}
            settings: {{starttls: never}}
      - id: recepcion
        name: {{es: Recepción de correo, en: Incoming mail}}
        role: courtesy
        checks:
          - id: recepcion-imap
            probe: imap
            connectivity_check: default
            target: imap://{HOST}:{PORTS["imap"]}
            settings: {{starttls: never}}
  - id: radio
    name: {{es: Streaming de radio, en: Radio streaming}}
    components:
      - id: radio-1
        name: {{es: Streaming de radio 1, en: Radio streaming 1}}
        checks:
          - id: radio-1-mp3
            probe: icecast
            connectivity_check: default
            target: http://{HOST}:{PORTS["radio"]}/radio.mp3
            interval: {listening}
            timeout: 4s
            settings: {{sample_s: 1.0}}
"""
