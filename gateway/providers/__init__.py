"""Telephony providers and CRMs: one package each. What is known of all stands in `registry`."""
