"""Figures: each is declared once, and becomes a plot of the page, a drawing (SVG, PNG) and a table (CSV)."""
