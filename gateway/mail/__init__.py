"""Mails to administrators: their words, and how they are sent."""
