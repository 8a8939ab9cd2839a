"""The closed loop in numbers: from what is needed to challenges, datasets, listings and deals, for everybody to see."""
