"""The configurations that roles and commands go by: the newest, and each that ran."""
