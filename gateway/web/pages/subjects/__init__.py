"""What each page shows, and what its forms do: a module for each subject, of the operator and of an account alike."""
