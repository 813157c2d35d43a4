"""What is shipped for production: units, compose file, image, dashboards and rules."""
