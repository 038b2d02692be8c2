"""The quality gates of a labelled trial: numbers held against limits, each with a reason a person can act on.

Limits and their sources: docs/quality.md. A gate says what it questions in the vocabulary of `gaitload.dependencies`,
and so concerns the labels that depend on it. Gates that no trial of a kind can pass (residuals without a trunk,
saturation) warn or are not judged, so that they drop no data. Every gate judges a `gaitload.gates.solution.Solution`.
"""
