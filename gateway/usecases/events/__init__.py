"""What programs follow."""
