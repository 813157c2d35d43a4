"""The month's report: computed, issued, closed."""
