"""The Python client of a Jiebang server: typed, with retries that cannot submit twice.

with Client("https://jiebang.example", token="jb_…") as client:
    for challenge in client.challenges():
        print(challenge.slug, challenge.closes_at)
    submission = client.submit("flight-delays", Path("predictions.csv"))
    print(client.wait(submission.id).score)
"""

from leaderboard.client.answers import (
    Board,
    Challenge,
    Check,
    ClientError,
    File,
    Finding,
    Submission,
    TookTooLong,
    Unreachable,
)
from leaderboard.client.session import Client

__all__ = [
    "Board",
    "Challenge",
    "Check",
    "Client",
    "ClientError",
    "File",
    "Finding",
    "Submission",
    "TookTooLong",
    "Unreachable",
]
