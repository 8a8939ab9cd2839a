"""Teams, members, invitations, and a team's entry to a challenge."""
