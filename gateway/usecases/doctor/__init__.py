"""What is wrong right now, worst first, each with what to do."""
