"""What is known of connections by the webhooks that they send."""
