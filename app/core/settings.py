"""What an operator may set: every setting is an environment variable named PENSET_…, checked at start."""

import hashlib
import os
from collections.abc import Iterable
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.errors import StartRefused
from app.core.secret import is_a_real_secret, stored_secrets

PREFIX = "PENSET_"
NEARLY = 0.9  # of difflib's ratio, with the prefix: two letters of a name of twenty


class Settings(BaseSettings):
    """The installation's settings, as docs/settings.md tells them to operators. A wrong value is refused by name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=False, extra="ignore")

    data: Path = Field(default=Path("data"), description="Folder for the embedded database, files, models and secret.")
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL 15 or newer. Without it an embedded PostgreSQL runs in the data folder."
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="The address that people open.")
    allow_plain_http: bool = Field(
        default=False,
        description="Serve over http on an address that is not this machine's own. Passwords travel open.",
    )
    secret: SecretStr | None = Field(
        default=None, description="Signs cursors. Made in the data folder at first start when not given."
    )
    old_secret: SecretStr | None = Field(default=None, description="Still accepted after a change of PENSET_SECRET.")
    storage_url: str | None = Field(
        default=None, description="s3://bucket/prefix for shared files. Without it files lie in the data folder."
    )
    models: Path | None = Field(default=None, description="Folder of base models. Default: models in the data folder.")
    pool_size: int = Field(default=10, ge=1, le=200, description="Database connections of one web process.")
    turn_seconds: float = Field(default=10, gt=0, le=60, description="How long a request waits for a connection.")
    statement_timeout_ms: int = Field(default=15_000, ge=100, description="The longest statement of a request.")
    lock_timeout_ms: int = Field(default=5_000, ge=50, description="The longest wait for a lock of a request.")
    idle_transaction_timeout_ms: int = Field(default=30_000, ge=1_000, description="An idle transaction ends after it.")
    session_idle_hours: int = Field(default=12, ge=1, description="A sign-in ends after this long without work.")
    session_days: int = Field(default=7, ge=1, description="A sign-in ends after this long in any case.")
    trusted_proxies: list[str] = Field(default=[], description="Networks whose X-Forwarded-… headers count, as JSON.")
    undo_seconds: int = Field(
        default=10, ge=0, le=300, description="How long a reviewer can take a decision back before it is carried out."
    )
    smtp_url: SecretStr | None = Field(
        default=None, description="smtp[s]://user:password@host:port for mail; off without."
    )
    mail_outbox: Path | None = Field(
        default=None, description="Folder into which mail is written, a file each, instead of being sent."
    )
    mail_from: str = Field(default="penset@localhost", description="Sender of mail.")
    hub_token: SecretStr | None = Field(
        default=None, description="Token of a hub that versions can be sent to; HF_TOKEN counts too. Off without."
    )
    hub_url: str = Field(
        default="https://huggingface.co", description="The hub that versions are sent to and models come from."
    )
    python: str | None = Field(default=None, description="Interpreter with the training packages; default: this one.")
    tracking: Literal["wandb", "mlflow", "trackio", "tensorboard"] | None = Field(
        default=None, description="A tracker that runs tell their numbers, too: wandb, mlflow, trackio or tensorboard."
    )
    playground_memory_mb: int = Field(
        default=8192, ge=0, description="Memory that the playground's model may take, in MiB; 0: any."
    )
    playground_idle_seconds: int = Field(
        default=300, ge=1, description="The playground's model is let go when nobody asks for so long."
    )
    playground_url: str | None = Field(
        default=None, description="An OpenAI-compatible endpoint that answers in the playground instead, up to /v1."
    )
    playground_key: SecretStr | None = Field(default=None, description="Key of that endpoint, if it wants one.")
    training_processes: int = Field(
        default=1, ge=1, le=64, description="So many processes share a run, one a GPU, under torchrun."
    )
    training_memory_mb: int | None = Field(
        default=None,
        ge=0,
        description="Memory that a run's process may take here, in MiB, its model's files too; 0: any. Default: what "
        "the machine has with its swap, or any beside a GPU.",
    )
    training_hours: float = Field(
        default=168, ge=0, description="A run is stopped after so many hours, and can go on; 0: never."
    )
    training_on: Literal["here", "ray"] = Field(
        default="here", description="Where runs are trained: here, or on a Ray cluster that sees the data folder."
    )
    ray_url: str | None = Field(
        default=None, description="The address of Ray Jobs, as in http://ray-head:8265, for PENSET_TRAINING_ON=ray."
    )
    ray_token: SecretStr | None = Field(default=None, description="The cluster's token, where it asks for one.")
    ray_gpus: int = Field(default=0, ge=0, le=64, description="GPUs that a run asks of the Ray cluster.")
    gguf_converter: Path | None = Field(
        default=None, description="llama.cpp's convert_hf_to_gguf.py: every model gets a GGUF file, too."
    )
    worker_niceness: int = Field(
        default=15, ge=0, le=19, description="How far workers and runs step back when the processors are busy; 0: not."
    )
    debug: bool = Field(default=False, description="Show tracebacks. Only on a loopback address.")

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("give scheme and host only, as in https://penset.example.org")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("hub_url")
    @classmethod
    def _no_token_in_the_open(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or travels_open(value):
            raise ValueError("use https: the token travels with every request")
        return value.rstrip("/")

    @field_validator("playground_url")
    @classmethod
    def _an_endpoint(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not is_bare_address(value):
            raise ValueError("give the address up to /v1, as in http://127.0.0.1:8080/v1")
        return value.rstrip("/")

    @field_validator("ray_url")
    @classmethod
    def _a_cluster(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not is_bare_address(value):
            raise ValueError("give the address alone, without a password, as in http://ray-head:8265")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ip_network(network)
        return value

    @field_validator("secret", "old_secret")
    @classmethod
    def _a_real_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_a_real_secret(value.get_secret_value()):
            raise ValueError("needs at least 32 random characters; leave it out and Penset makes one")
        return value

    @model_validator(mode="after")
    def _plain_http_only_here(self) -> "Settings":
        if not self.secure and not is_loopback(self.host) and not self.allow_plain_http:
            raise ValueError(
                "PENSET_PUBLIC_URL is http on a host that is not this machine: use https, "
                "or set PENSET_ALLOW_PLAIN_HTTP=true"
            )
        return self

    @model_validator(mode="after")
    def _no_key_in_the_open(self) -> "Settings":
        if self.playground_key and travels_open(self.playground_url or ""):
            raise ValueError("PENSET_PLAYGROUND_URL is http on another machine: use https, for the key travels with it")
        if self.ray_token and travels_open(self.ray_url or ""):
            raise ValueError("PENSET_RAY_URL is http on another machine: use https, for the token travels with it")
        return self

    @field_validator("gguf_converter")
    @classmethod
    def _a_program(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("there is no such file; give the path of convert_hf_to_gguf.py")
        return value

    @model_validator(mode="after")
    def _ray_has_an_address(self) -> "Settings":
        if self.training_on == "ray" and self.ray_url is None:
            raise ValueError("PENSET_TRAINING_ON is ray: give PENSET_RAY_URL, as in http://ray-head:8265")
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach the site over TLS."""
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        """The host name of the public address."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def cookie_name(self) -> str:
        """`__Host-penset`; over plain HTTP, where browsers refuse that prefix, `penset`."""
        return "__Host-penset" if self.secure else "penset"

    @property
    def writes_mail(self) -> bool:
        """Whether this installation sends mail, or writes it into a folder."""
        return self.smtp_url is not None or self.mail_outbox is not None

    @property
    def database_folder(self) -> Path:
        """Where the embedded PostgreSQL lives. As root it needs a place that its own system user can reach."""
        home = self.data.resolve()
        if os.geteuid() == 0:
            return Path("/var/lib/penset") / hashlib.sha256(str(home).encode()).hexdigest()[:12]
        return home / "postgres"

    @property
    def files_folder(self) -> Path:
        """Where files lie when they are not in object storage."""
        return (self.data / "files").resolve()

    @property
    def models_root(self) -> Path:
        """The folder of base models."""
        return (self.models or self.data / "models").resolve()

    @property
    def runs_root(self) -> Path:
        """The folder in which a run of training works."""
        return (self.data / "runs").resolve()

    @property
    def playground_folder(self) -> Path:
        """Where the process that holds the playground's model has its lock, its socket and its log."""
        return (self.data / "playground").resolve()

    @property
    def signing_keys(self) -> list[bytes]:
        """The secret that signs, then the one before it while it is still accepted. Read anew: it may be rotated."""
        if self.secret is None:
            return stored_secrets(self.data)
        keys = [self.secret, self.old_secret] if self.old_secret else [self.secret]
        return [key.get_secret_value().encode() for key in keys]


def is_loopback(host: str) -> bool:
    """Whether a host name means this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_bare_address(url: str) -> bool:
    """Whether a URL is an http or https address and no more: no password in it, no query."""
    parts = urlsplit(url)
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and not (parts.query or parts.fragment or parts.username or parts.password)
    )


def travels_open(url: str) -> bool:
    """Whether what is sent to this address crosses a network as it is."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def misspelt_names(names: Iterable[str]) -> dict[str, str]:
    """Variables that are no setting but nearly one, with that one. Others are let be: a cluster, for example, gives a
    service of this name variables of its own."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    ours = [name for name in names if name.startswith(PREFIX) and name not in known]
    return {name: close[0] for name in ours if (close := get_close_matches(name, known, 1, NEARLY))}


def load_settings() -> Settings:
    """The settings, or StartRefused with a sentence that names each wrong variable."""
    if misspelt := misspelt_names(os.environ):
        raise StartRefused("\n".join(f"{name} is no setting: is {meant} meant?" for name, meant in misspelt.items()))
    try:
        return Settings()
    except ValidationError as wrong:
        lines = []
        for error in wrong.errors():
            name = "PENSET_" + "_".join(str(part) for part in error["loc"]).upper() if error["loc"] else "settings"
            lines.append(f"{name}: {error['msg']}")
        raise StartRefused("\n".join(lines)) from None
