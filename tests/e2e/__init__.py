"""The product as users start it: processes, files, signals."""
