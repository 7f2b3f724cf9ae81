"""Proof that a derivative is right, and what to blame where it is not."""
