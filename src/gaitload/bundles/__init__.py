"""Trained estimators in files of their own, and what they say of new sensor files.

Only `graph` imports torch: a bundle is used with onnxruntime alone.
"""
