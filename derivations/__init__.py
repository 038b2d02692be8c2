"""What is derived from published recordings and committed: figures, never the recordings themselves."""
