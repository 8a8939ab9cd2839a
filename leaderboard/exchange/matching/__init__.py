"""Which listings fit a demand, how well, why, and what would change that.

`run` is the verb. Hard constraints (`constraints`) are pass, fail or unknown; soft factors (`factors`) lie in [0, 1] or are
unknown; both are tables of records with versions. `explanation` holds all numbers that a score is made of, so that
`explanation.recomputed` gives it again. No clock, no database, no text comparison: today and relevance come from outside.
"""
