"""What submissions tell the rooms above them; they hear through ``wiring``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubmissionScored:
    """Public and private scores have been written, for the first time or anew."""

    submission_id: int
    phase_id: int
    entry_id: int


@dataclass(frozen=True, slots=True)
class LeaderAsked:
    """Which submission leads a phase? The hearer appends its id to ``found``; nothing while no team has a place."""

    phase_id: int
    found: list[int]


@dataclass(frozen=True, slots=True)
class SubmissionWithdrawn:
    """It stands no longer: its team took it back, or it was scored anew and did not pass."""

    submission_id: int
    phase_id: int
    entry_id: int


@dataclass(frozen=True, slots=True)
class OwnerAsked:
    """Whose is the stored file ``key``? Whoever has a row that owns it adds the key to ``found``; what nobody owns is removed."""

    key: str
    found: list[str]


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    """A worker has begun: whatever only a worker does, and nobody asked for yet, may be asked for now."""

    name: str
