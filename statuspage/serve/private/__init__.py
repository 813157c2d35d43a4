"""Pages that are shown to holders of a signed link alone."""
