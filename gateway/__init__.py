"""A prepaid call gateway: authorizes, limits, cuts and charges telephone calls by webhook."""

__version__ = "0.1.0"
