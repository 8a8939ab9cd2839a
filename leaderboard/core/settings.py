"""Settings, read once from the environment (``JIEBANG_…``) or a ``.env`` file; every one has a default that works."""

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One installation of Jiebang. Environment names are the field names in capitals behind ``JIEBANG_``."""

    model_config = SettingsConfigDict(env_prefix="JIEBANG_", env_file=".env", extra="ignore", frozen=False)

    # where things are
    data_dir: Path = Field(Path("var"), description="Folder for the database, uploads, packages and the secret.")
    database_url: str | None = Field(
        None,
        pattern=r"^(sqlite|postgresql\+psycopg)://",
        description="SQLAlchemy address, such as postgresql+psycopg://user:password@host/name."
        " Default: SQLite in data_dir.",
    )
    base_url: str = Field("http://127.0.0.1:8000", description="The address people see; used in mails and links.")
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the server listens on.")
    proxies: str = Field("127.0.0.1", description="Reverse proxies whose X-Forwarded-* headers are believed.")

    # words and times
    locale: Literal["zh", "en"] = Field("zh", description="Language when neither the address nor the browser says.")
    zone: str = Field("Asia/Shanghai", description="IANA time zone in which times are shown.")
    contact: str = Field("", description="Where people turn to with questions; shown on help and error pages.")
    sample_notice: bool = Field(False, description="Say on every page that this is a demo with sample accounts.")

    # people
    secret_key: SecretStr | None = Field(
        None, description="Signs mailed links. Default: made once and kept in data_dir/secret."
    )
    session_days: int = Field(30, ge=1, le=365, description="Days after which an unused sign-in ends.")
    registration: Literal["open", "closed"] = Field("open", description="Whether people may register themselves.")
    sign_in_attempts: int = Field(
        10, ge=1, description="Failed sign-ins per account in 15 minutes; an internet address gets five times as many."
    )

    # mail
    smtp_url: SecretStr | None = Field(None, description="smtp://user:password@host:port or smtps://…; default: print.")
    mail_from: str = Field("jiebang@localhost", description="Sender of mails.")

    # submissions
    upload_max_mb: int = Field(1024, ge=1, description="Largest submission that any challenge may allow, in MB.")
    package_max_mb: int = Field(256, ge=1, description="Largest challenge package, in MB.")
    upload_grace_minutes: int = Field(
        60, ge=0, description="An upload begun before the deadline may end so much later."
    )
    upload_keep_hours: int = Field(48, ge=1, description="Unfinished uploads are removed after this.")

    # the exchange
    deal_files_mb: int = Field(2048, ge=1, description="Files that one side may keep in one deal, in MB.")
    organization_files_mb: int = Field(
        20480, ge=1, description="Files that one organization may keep in all of its deals, in MB."
    )
    organization_drafts: int = Field(
        100, ge=1, description="Drafts of demands, and as many of listings, that one organization may keep."
    )

    # the worker
    workers: int = Field(
        default_factory=lambda: max(1, os.cpu_count() or 1), ge=0, description="Scoring children; 0: web only."
    )
    score_seconds: int = Field(300, ge=1, description="Wall-clock limit of scoring one submission.")
    score_memory_mb: int = Field(6144, ge=1024, description="Address-space limit of a scoring child, in MB.")
    sandbox: Literal["require", "auto"] = Field(
        "auto", description="auto: use every guard the platform offers; require: refuse to score without all of them."
    )
    lease_seconds: int = Field(30, ge=2, description="A worker that is silent for so long loses its jobs.")
    attempts: int = Field(5, ge=1, description="Times a job is tried before it is given up as failed.")

    # operations
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    log_format: Literal["console", "json"] = Field("console", description="Logs for people or for machines.")
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token for /metrics. Default: /metrics answers loopback addresses only."
    )

    @cached_property
    def database_address(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'jiebang.sqlite3').absolute()}"

    @property
    def secure_cookies(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"

    @cached_property
    def secret(self) -> bytes:
        """The signing key; made on first use and kept in ``data_dir/secret`` (mode 0600)."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            made = secrets.token_urlsafe(48).encode()
            # O_EXCL: of two processes that start together, one writes and the other reads what was written.
            try:
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(made)
            except FileExistsError:
                return path.read_bytes()
            return made
