"""Processes that serve one address: one of them decides for all, so that events of an account meet in one batch.

Whoever has the lock of their directory leads: it alone has the workers that every process of a machine needs once. The
others authenticate and read webhooks, hand them over by a local socket, and reply with what they are told. Nothing
depends on the leader: one that is gone or says nothing is done without, as each of them can decide and work by itself.
"""
