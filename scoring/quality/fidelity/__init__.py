"""Synthetic rows against real ones: how like the tables are, and how close single rows come."""

from scoring.quality.fidelity.closeness import Closeness, closeness
from scoring.quality.fidelity.likeness import Likeness, likeness

__all__ = ["Closeness", "Likeness", "closeness", "likeness"]
