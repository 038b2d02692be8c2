"""Structure-specific loads from motion-capture recordings, with a verdict on every one of them."""

__version__ = "0.1.0"
