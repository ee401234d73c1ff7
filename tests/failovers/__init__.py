"""What becomes of calls when the primary of a cluster that Patroni keeps goes away, in each way in which it can."""
