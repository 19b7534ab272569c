"""What the bench measures with is measured here."""
