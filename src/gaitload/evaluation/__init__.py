"""How near estimates come to labels, and which differences between estimators more than a few people could show."""
