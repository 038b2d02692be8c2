"""Damages files of every format that is read, and judges what the readers make of them (docs/robustness.md)."""
