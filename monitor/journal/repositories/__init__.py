"""The repositories of the journal, one module for each subject."""
