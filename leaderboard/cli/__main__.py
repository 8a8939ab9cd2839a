"""``python -m leaderboard.cli``: the same as the command ``jiebang``."""

from leaderboard.cli import main

main()
