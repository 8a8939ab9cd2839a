"""Standings, boards, snapshots, finalisation."""
