"""The process in which a configuration that somebody sends in is checked: text in, JSON out.

Whatever the text is made for, it costs this process alone, which has neither secrets nor much time.
"""

from __future__ import annotations

import json
import os
import resource
import sys

from monitor.config.posted import check_posted
from monitor.roles.registries import registries

CPU_S = 20
MOST_BYTES = 1_500_000_000
_NICE = 10


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    os.nice(_NICE)
    # Bytes that are no UTF-8 are for the reader of the document to refuse.
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    json.dump(check_posted(text, registries()), sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
