"""The kinds of probe, one module or package each."""
