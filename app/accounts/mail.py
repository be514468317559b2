"""Letters to people: plain text, sent by the operator's mail server or left in a folder. Without either, none is."""

import os
import secrets
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.accounts.models import LinkPurpose
from app.core.settings import Settings, is_loopback

SECONDS = 20
SUBJECTS = {LinkPurpose.INVITE: "Your invitation to Penset", LinkPurpose.RESET: "A new password for Penset"}


def letter(settings: Settings, purpose: LinkPurpose, *, to: str, name: str, link: str) -> EmailMessage:
    """One letter with a link."""
    write = invitation if purpose is LinkPurpose.INVITE else reset
    return plain(settings, SUBJECTS[purpose], to=to, name=name, text=write(settings.host, link))


def plain(settings: Settings, subject: str, *, to: str, name: str, text: str) -> EmailMessage:
    """One letter. `subject` is ours; what others wrote, as the name, stands in its text only, never in a header."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, settings.mail_from, to
    message.set_content(f"Hello {name},\n\n{text}\n")
    return message


def invitation(host: str, link: str) -> str:
    """What is written to somebody who is invited."""
    return (
        f"You are invited to write for {host}. Open this link within 7 days and choose a password:\n\n{link}\n\n"
        "If you did not expect this, do nothing."
    )


def reset(host: str, link: str) -> str:
    """What is written to somebody who forgot their password."""
    return (
        f"Somebody, most likely you, asked for a new password for {host}. Open this link within an hour and choose "
        f"one:\n\n{link}\n\nIf it was not you, do nothing: your password stays as it is."
    )


def send(settings: Settings, message: EmailMessage) -> None:
    """Hand a letter to the mail server, or leave it in the folder where one is set. Raises where it is not taken."""
    if settings.mail_outbox is not None:
        leave(settings.mail_outbox, message)
    else:
        hand_over(settings, message)


def leave(folder: Path, message: EmailMessage) -> None:
    """Write a letter into the folder as a file of its own, which is whole once it ends in .eml, also after a crash.

    For the operator's eyes alone: whoever reads a letter with a link can use it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.part"
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    written.rename(written.with_suffix(".eml"))
    inside = os.open(folder, os.O_RDONLY)
    os.fsync(inside)
    os.close(inside)


def hand_over(settings: Settings, message: EmailMessage) -> None:
    """Send a letter over TLS, unless the mail server is this machine."""
    assert settings.smtp_url is not None, "asked only where mail is set up"
    parts = urlsplit(settings.smtp_url.get_secret_value())
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
    with server:
        if parts.scheme != "smtps" and not is_loopback(host):
            server.starttls(context=ssl.create_default_context())
        if user:
            server.login(user, password)
        server.send_message(message)
