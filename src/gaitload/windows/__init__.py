"""Aligned trials to the windows that estimators learn from; and what guards that nobody is tested on what was seen."""
