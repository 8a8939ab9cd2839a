"""People, packages and challenges for tests; packages go the way of every admission, only the child is left out."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from challenges.admission import Admission
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Organization, Person
from leaderboard.accounts.sign_in import Visitor, open_session
from leaderboard.core.sandbox import Outcome
from leaderboard.core.web import SESSION_COOKIE
from leaderboard.core.work import Work
from leaderboard.seasons import packages, posting, service
from leaderboard.seasons.models import Challenge, PackageVersion
from leaderboard.seasons.packages import Upload

OPENS = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
CLOSES = datetime(2027, 2, 28, 10, 0, tzinfo=UTC)
TRAIN = b"flight,late\n1,0\n2,1\n"


def person(work: Work, name: str = "Lin Xiaolan", *, role: str = "participant") -> Actor:
    made = Person(email=f"{uuid4().hex[:10]}@example.org", name=name, password_hash="-", role=role, created_at=work.now)
    work.session.add(made)
    work.session.flush()
    return Actor(person_id=made.id, name=name, email=made.email, role=role)


def organizer(work: Work, name: str = "Wang Hao") -> tuple[Actor, int]:
    """An organizer and the organization that they belong to."""
    member = person(work, name, role="organizer")
    unit = Organization(slug=f"unit-{uuid4().hex[:8]}", name="Lingdong Grid", posts=True, created_at=work.now)
    work.session.add(unit)
    work.session.flush()
    assert unit.id is not None
    work.session.add(Membership(organization_id=unit.id, person_id=member.id, role="owner", joined_at=work.now))
    work.session.flush()
    actor = Actor(
        person_id=member.person_id,
        name=name,
        email=member.email,
        role="organizer",
        organization_ids=frozenset({unit.id}),
        posting_ids=frozenset({unit.id}),
        owned_ids=frozenset({unit.id}),
    )
    return actor, unit.id


def definition(slug: str = "flight-delays", version: str = "1.0.0", **changes: Any) -> dict[str, Any]:
    """A definition in its JSON form."""
    return {
        "format": "jiebang/1",
        "slug": slug,
        "version": version,
        "kind": "prediction",
        "sector": "transport",
        "task": "binary-classification",
        "modality": ["table"],
        "title": {"en": "Which flights will be late?", "zh": "哪些航班会晚点?"},
        "summary": {"en": "Predict late arrivals.", "zh": "预测到达晚点。"},
        "data": {
            "licence": "CC0-1.0",
            "source": "Bureau of Transportation Statistics",
            "personal": "none",
            "files": [{"path": "public/train.csv", "role": "train"}],
        },
        "submission": {"id": "flight", "columns": [{"name": "delayed", "type": "probability"}]},
        "answers": {"path": "answers/truth.csv", "truth": ["late"], "split": {"public": 0.3, "seed": 7}},
        "scores": [{"key": "auc", "metric": "roc_auc", "digits": 5}, {"key": "logloss", "metric": "log_loss"}],
        "limits": {"per_day": 5, "total": 200, "zone": "Asia/Shanghai"},
        "phases": [{"key": "open", "opens": OPENS.isoformat(), "closes": CLOSES.isoformat()}],
        **changes,
    }


def admission(said: dict[str, Any], *, scoring: str = "same", name: str = "train.csv") -> dict[str, Any]:
    """What the child reports of a sound package with one public file."""
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    file = {
        "path": f"public/{name}",
        "stored": "public/0000",
        "size": len(TRAIN),
        "sha256": hashlib.sha256(TRAIN).hexdigest(),
        "role": "train",
        "rows": 2,
        "preview": {"columns": ["flight", "late"], "rows": [["1", "0"], ["2", "1"]]},
    }
    content = {
        "definition": said,
        "digest": digest,
        "scoring_digest": hashlib.sha256(scoring.encode()).hexdigest(),
        "readme_en": "# Late flights\n\nPredict them. ![map](public/train.csv)",
        "readme_zh": "# 晚点航班\n\n预测它们。",
        "files": [file],
        "public": {"size": 3, "sha256": hashlib.sha256(b"zip").hexdigest()},
        "prepared": ["plan.json", "main/ids.npy"],
        "baselines": [{"path": "baseline/constant.csv", "scores": {"auc": {"public": 0.987654, "private": 0.987654}}}],
    }
    return {"format": "jiebang-admission/1", "outcome": "ready", "content": content}


def child_output(folder: Path, said: dict[str, Any]) -> Outcome:
    """What the child leaves behind with such a report."""
    (folder / "public").mkdir(parents=True)
    (folder / "prepared" / "main").mkdir(parents=True)
    (folder / "public.zip").write_bytes(b"zip")
    (folder / "public" / "0000").write_bytes(TRAIN)
    (folder / "prepared" / "plan.json").write_bytes(b"{}")
    (folder / "prepared" / "main" / "ids.npy").write_bytes(b"\x93NUMPY")
    return Outcome(json.dumps(said).encode(), folder)


def upload(work: Work, data: bytes = b"PK", name: str = "flight-delays.zip") -> Upload:
    folder = work.settings.data_dir / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / uuid4().hex
    path.write_bytes(data)
    return Upload(path, name, len(data))


def ready_package(
    work: Work,
    actor: Actor,
    organization_id: int,
    said: dict[str, Any] | None = None,
    *,
    challenge: Challenge | None = None,
    scoring: str = "same",
) -> PackageVersion:
    package = packages.receive(work, actor, organization_id, upload(work), challenge=challenge)
    report = admission(said or definition(), scoring=scoring)
    assert Admission.parse(json.dumps(report).encode()).outcome == "ready"
    packages.record(work, package, child_output(work.settings.data_dir / "child" / uuid4().hex, report))
    return package


def posted(work: Work, slug: str = "flight-delays", **changes: Any) -> tuple[Challenge, Actor]:
    """A posted challenge, open since two weeks at the noon of the tests, and its organizer."""
    actor, unit = organizer(work)
    package = ready_package(work, actor, unit, definition(slug, **changes))
    posting.draft(work, actor, package)
    return posting.post(work, actor, slug), actor


def closing_in(work: Work, actor: Actor, slug: str, left: timedelta) -> None:
    """Has the challenge's only phase end ``left`` from now."""
    phase = service.phases(work, service.challenge_by_slug(work, actor, slug).id or 0)[0]
    phase.closes_at = work.now + left
    work.session.add(phase)
    work.session.flush()


def session_of(work: Work, actor: Actor) -> dict[str, str]:
    """The cookie of a browser in which the actor has signed in."""
    person = work.session.get_one(Person, actor.person_id)
    return {SESSION_COOKIE: open_session(work, person, Visitor("127.0.0.1", "test"), replaces=None).key}
