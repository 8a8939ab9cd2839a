"""The records of the checks by block; `scoring.quality.checks` is their table."""
