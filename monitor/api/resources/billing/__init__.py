"""What billing reads and does: contracts, reports, credits."""
