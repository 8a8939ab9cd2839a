"""Matchmaking events: who meets whom, when and at which table."""
