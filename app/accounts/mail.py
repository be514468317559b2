"""Letters to people: plain text, sent by the operator's own mail server. Without one, none is written."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from app.accounts.models import LinkPurpose
from app.core.settings import Settings, is_loopback

SECONDS = 20
SUBJECTS = {LinkPurpose.INVITE: "Your invitation to Penset", LinkPurpose.RESET: "A new password for Penset"}


def letter(settings: Settings, purpose: LinkPurpose, *, to: str, name: str, link: str) -> EmailMessage:
    """One letter with a link. The name stands in its text only, never in a header."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = SUBJECTS[purpose], settings.mail_from, to
    write = invitation if purpose is LinkPurpose.INVITE else reset
    message.set_content(f"Hello {name},\n\n{write(settings.host, link)}\n")
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
    """Hand a letter to the mail server, over TLS unless that server is this machine. Raises where it is not taken."""
    assert settings.smtp_url is not None, "asked only where mail is set up"
    parts = urlsplit(settings.smtp_url.get_secret_value())
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    secure = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=secure)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
    with server:
        if parts.scheme != "smtps" and not is_loopback(host):
            server.starttls(context=secure)
        if user:
            server.login(user, password)
        server.send_message(message)
