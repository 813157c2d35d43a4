"""`estado page`: the public page as files, and links to private pages."""
