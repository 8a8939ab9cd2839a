"""The front page: it tells of every room, so it is above them all."""
