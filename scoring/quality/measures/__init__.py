"""The functions of the checks, by what they look at; `scoring.quality.checks` says which is which."""
