"""A dataset is handed in, scored by a real child, and shown to everybody by its captain: worker and server are real."""

import pytest

from leaderboard.submissions.states import State
from tests import dataset_packages as made
from tests.datasets.test_http import block
from tests.submissions.test_datasets import client, settled, stage

__all__ = ["client", "stage"]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_from_upload_to_public_card(stage, start_worker, client, server):
    start_worker()
    (one,) = settled(stage, stage.submit(made.written(made.curated()), "mended.csv"))
    assert one.state == State.SCORED, one.fault
    mine = client(stage.actor)
    card = mine.post(f"/en/submissions/{one.id}/dataset", data={"consent": "yes"}).headers["location"]
    assert mine.post(f"{card}/publish").status_code == 303
    with server.client() as public:
        answer = public.get(card)
        assert answer.status_code == 200
        grade = mine.get(f"/api/v1/submissions/{one.id}/quality").json()["grade"]
        assert f'facts__v--grade">{grade}<' in answer.text
        assert "Hidden parts of the challenge took part." in answer.text
        assert block(answer.text)["distribution"][0]["sha256"] == one.sha256
        (listed,) = public.get("/api/v1/datasets").json()["datasets"]
        assert (listed["grade"], listed["rows"]) == (grade, len(made.curated()))
