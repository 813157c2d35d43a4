"""Who asked to be told what: rules that need neither a database nor a mail server."""
