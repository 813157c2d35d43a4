"""What has to be said about money."""
