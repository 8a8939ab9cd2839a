"""What fits what: the search over all offers, match runs and what is said to them, saved searches and their digests."""
