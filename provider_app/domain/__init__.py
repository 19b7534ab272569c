"""What functions are, and what is to be done about them: pure."""
