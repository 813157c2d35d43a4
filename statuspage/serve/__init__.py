"""From a publication in memory to answers over HTTP."""
