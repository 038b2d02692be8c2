"""Networks trained; the only room beside `estimators` that imports torch."""
