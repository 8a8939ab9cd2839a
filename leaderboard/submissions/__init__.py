"""Uploads, states, the way to the scorer, reports."""
