"""`dns`: a name server answers the question."""
