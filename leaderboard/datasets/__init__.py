"""Datasets that are shown to everybody: cards, versions, and what was measured of them."""
