"""From a publication in memory to responses over HTTP."""
