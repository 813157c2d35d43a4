"""The YAML configuration, checked and turned into the catalogue."""
