"""A real nginx with its RTMP module and HLS that ffmpeg writes as it plays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports, is_open
from tests.support.require import require, require_server
from tests.support.streams import Encoder, running_encoder, wait_until

SEGMENT_S = 1
"""How long each HLS segment plays."""
_UNTESTED = "HLS and RTMP against real servers"
_ATTEMPTS = 3
_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
_CONFIG = """
load_module {module};
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 128; }}
rtmp {{ server {{
  listen 127.0.0.1:{rtmp};
  application live {{ live on; idle_streams off; drop_idle_publisher 60s; }}
  application waiting {{ live on; idle_streams on; }}
}} }}
http {{
  access_log off;
  client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp;
  uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
  server {{ listen 127.0.0.1:{http}; root {folder}/www; }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streaming:
    """`http` serves `www`, where `hls` writes `radio.m3u8` (its master: `master.m3u8`); `rtmp`
    has `live/radio`, fed by `publisher`, and the application `waiting`, where nobody publishes."""

    http: int
    rtmp: int
    www: Path
    hls: Encoder
    publisher: Encoder

    def url(self, name: str, port: int | None = None) -> str:
        return f"http://127.0.0.1:{port or self.http}/{name}"


@contextmanager
def running_streaming(folder: Path) -> Iterator[Streaming]:
    """Both playing in an empty folder, ended on leaving."""
    binary = require_server("nginx", _UNTESTED)
    require_server("ffmpeg", _UNTESTED)
    require(_MODULE.is_file(), "nginx's RTMP module", _UNTESTED)
    www = folder / "www"
    www.mkdir()
    with ExitStack() as held:
        http, rtmp = held.enter_context(_server(binary, folder))
        hls = held.enter_context(running_encoder(_hls(www), folder / "hls.log", _UNTESTED))
        to_rtmp = ["-c:a", "aac", "-b:a", "64k", "-f", "flv", f"rtmp://127.0.0.1:{rtmp}/live/radio"]
        publisher = held.enter_context(running_encoder(to_rtmp, folder / "rtmp.log", _UNTESTED))
        wait_until(lambda: len(list(www.glob("*.ts"))) > 1, "HLS")
        wait_until(lambda: (www / "master.m3u8").exists(), "HLS")
        wait_until(lambda: "publish:" in (folder / "error.log").read_text("utf-8"), "RTMP")
        yield Streaming(http=http, rtmp=rtmp, www=www, hls=hls, publisher=publisher)


def _hls(www: Path) -> list[str]:
    return [
        *("-c:a", "aac", "-b:a", "64k", "-f", "hls", "-hls_time", str(SEGMENT_S)),
        *("-hls_list_size", "5", "-hls_delete_threshold", "5", "-hls_flags", "delete_segments"),
        *("-master_pl_name", "master.m3u8", "-hls_segment_filename", str(www / "radio_%05d.ts")),
        str(www / "radio.m3u8"),
    ]


@contextmanager
def _server(binary: Path, folder: Path) -> Iterator[tuple[int, int]]:
    (folder / "tmp").mkdir()
    config = folder / "nginx.conf"
    for _ in range(_ATTEMPTS):
        http, rtmp = free_ports(2)
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(
            _CONFIG.format(module=_MODULE, user=user, folder=folder, rtmp=rtmp, http=http), "utf-8"
        )
        with (folder / "start.log").open("wb") as out:
            process = subprocess.Popen(
                [binary, "-c", config, "-e", folder / "error.log"], stdout=out, stderr=out
            )
        ports = (http, rtmp)
        wait_until(lambda: process.poll() is not None or all(map(is_open, ports)), "nginx")  # noqa: B023
        if process.poll() is None:
            break
    else:
        raise RuntimeError(f"nginx did not start: {(folder / 'start.log').read_text('utf-8')}")
    try:
        yield http, rtmp
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
