"""The reference pages, made of what the program reads: `python -m tests.support.reference [--check]`."""
