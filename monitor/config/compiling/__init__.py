"""From values to the catalogue: a shape without faults, references that lead somewhere."""
