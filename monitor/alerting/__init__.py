"""Messages to operators: routed, rendered, sent."""
