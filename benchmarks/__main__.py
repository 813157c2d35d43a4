"""`make bench`: what the product costs, beside the named peers. `python -m benchmarks --help`."""

from __future__ import annotations

import argparse

from benchmarks import checks


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--pairs", type=int, default=5, help="interleaved rounds of each")
    parser.add_argument("--minutes", type=int, default=1, help="how long each round measures")
    parser.add_argument("--rate", type=int, default=100, help="checks a second")
    given = parser.parse_args()
    return checks.run(pairs=given.pairs, minutes=given.minutes, rate=given.rate)


if __name__ == "__main__":
    raise SystemExit(main())
