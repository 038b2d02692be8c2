"""The report: one page that opens without a network, and its figures and numbers as files beside it."""
