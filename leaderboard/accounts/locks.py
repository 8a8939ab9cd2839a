"""Deciding alone: rules such as "at least one operator stays" look at several rows and change one."""

from sqlalchemy import text
from sqlmodel import Session


def alone(session: Session, *names: str) -> None:
    """Until this transaction ends, nobody else is past this line with one of these names.

    PostgreSQL's advisory locks, taken in one order so that no two transactions wait for each other. On SQLite a write
    transaction is alone from its first statement on.
    """
    if session.get_bind().dialect.name == "postgresql":
        for name in sorted(names):
            session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
