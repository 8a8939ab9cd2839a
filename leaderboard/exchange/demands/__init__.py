"""Demands: what enterprises need, from the first sentence to the deal, and who may see how much of it."""
