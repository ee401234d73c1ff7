"""What was sent becomes a number: one spelling, whoever wrote it, or a refusal that says how it was read (R41, R42)."""
