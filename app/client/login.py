"""Which site, and who asks: the address and token from the environment, or from the file that `penset login` keeps."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.client.errors import WrongUse

HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, repr=False)
class Login:
    """A site and the token that speaks for somebody there. Its repr does not show the token."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"Login({self.url!r})"


def login_file() -> Path:
    """Where the login is kept: the user's configuration folder, as the XDG base directories name it."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "penset" / "login.json"


def keep(login: Login) -> Path:
    """Write the login so that nobody else on this machine can read it, whole or not at all."""
    path = login_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"url": login.url, "token": login.token}, file)
    part.replace(path)
    return path


def forget() -> bool:
    """Remove the login. Whether there was one."""
    path = login_file()
    known = path.exists()
    path.unlink(missing_ok=True)
    return known


def find(url: str | None = None, token: str | None = None, *, insecure: bool = False) -> Login:
    """The login to use: what is given, then PENSET_URL and PENSET_TOKEN, then the file. WrongUse where there is none.

    A token is never sent to a site that it was not kept for.
    """
    url = url or os.environ.get("PENSET_URL") or None
    token = token or os.environ.get("PENSET_TOKEN") or None
    kept = _kept()
    if token is None and kept and (url is None or checked(url, insecure=insecure) == kept.url):
        token = kept.token
    if url is None and kept:
        url = kept.url
    if url is None or token is None:
        raise WrongUse("Not signed in. Run `penset login URL`, or set PENSET_URL and PENSET_TOKEN.")
    return Login(checked(url, insecure=insecure), token)


def address(url: str | None, *, insecure: bool = False) -> str:
    """The site to sign in to: what is given, or PENSET_URL. WrongUse where neither is."""
    if url := url or os.environ.get("PENSET_URL"):
        return checked(url, insecure=insecure)
    raise WrongUse("Give the address of the site: penset login https://penset.example.org")


def checked(url: str, *, insecure: bool = False) -> str:
    """The address of a site as scheme and host. WrongUse where a token would travel open."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise WrongUse(f"{parts.scheme}://{parts.hostname or ''} is no address of a site: give scheme and host alone.")
    if parts.username is not None:
        raise WrongUse("Leave name and password out of the address: the token says who you are.")
    if parts.scheme == "http" and parts.hostname not in HERE and not insecure:
        raise WrongUse(f"{parts.hostname} by plain http: your token would travel open. Use https, or add --insecure.")
    return f"{parts.scheme}://{parts.netloc}"


def _kept() -> Login | None:
    path = login_file()
    try:
        stored = json.loads(path.read_text("utf-8"))
        return Login(str(stored["url"]), str(stored["token"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise WrongUse(f"{path} is damaged. Run `penset login` again.") from None
