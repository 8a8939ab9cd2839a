"""Seasons, challenges, package versions, phases, announcements."""
