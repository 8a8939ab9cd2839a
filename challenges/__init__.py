"""The challenge package: a folder anyone can write, check and score offline."""
