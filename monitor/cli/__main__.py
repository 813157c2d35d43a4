"""`python -m monitor.cli`: the same as the `estado` command."""

from monitor.cli import main

main()
