"""Letters on their way to a mail server that is not this machine: over TLS, with its name, or not at all."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from smtplib import SMTPException, SMTPNotSupportedError

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from sqlalchemy.orm import Session

from app.accounts.jobs import mail_notices, send_mail
from app.core.settings import Settings
from tests.accounts.mailbox import Mailbox
from tests.accounts.test_digests import chose, happens, unmailed
from tests.cast import Cast

HERE = "0.0.0.0"  # noqa: S104 - leads to this machine, but is not called so: what is said to it goes over TLS
SENT = {"kind": "reset", "made_by": None}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for it, signed by itself, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailbox")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = made.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    file = tmp_path_factory.mktemp("tls") / "mailbox.pem"
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(secret + signed.public_bytes(pem))
    return file


def far(settings: Settings, mailbox: Mailbox, user: str = "") -> None:
    """Let mail go to this server as to another machine."""
    settings.smtp_url = SecretStr(f"smtp://{user}{HERE}:{mailbox.server_address[1]}")


def two_are_due(cast: Cast, session: Session) -> None:
    """Two writers who want mail have something to read."""
    for client in (cast.author, cast.second_author):
        chose(client, "at_once")
        happens(session, cast, of=client)


def test_a_letter_is_handed_over_by_starttls_to_a_server_that_proves_its_name(
    settings: Settings, mailbox: Mailbox, cast: Cast, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.speaks_tls(certificate)
    far(settings, mailbox, "ann:s3cret%40@")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    send_mail(user_id=cast.author.actor.user_id, **SENT)
    (letter,) = mailbox.letters
    assert letter["To"] == "ann.author@example.org"
    assert mailbox.said.index("STARTTLS") < mailbox.said.index("AUTH") < mailbox.said.index("MAIL")
    assert mailbox.in_the_clear == ["EHLO", "STARTTLS"]


def test_a_server_whose_name_nobody_vouches_for_is_told_nothing(
    settings: Settings, mailbox: Mailbox, cast: Cast, certificate: Path
) -> None:
    mailbox.speaks_tls(certificate)
    far(settings, mailbox, "ann:s3cret@")
    with pytest.raises(ssl.SSLCertVerificationError):
        send_mail(user_id=cast.author.actor.user_id, **SENT)
    assert (mailbox.letters, "AUTH" in mailbox.said) == ([], False)


def test_a_server_without_tls_is_given_no_letter_and_no_password(
    settings: Settings, mailbox: Mailbox, cast: Cast
) -> None:
    far(settings, mailbox, "ann:s3cret@")
    with pytest.raises(SMTPNotSupportedError):
        send_mail(user_id=cast.author.actor.user_id, **SENT)
    assert (mailbox.letters, "AUTH" in mailbox.said) == ([], False)


def test_a_letter_that_the_server_refuses_stays_for_the_next_try_and_holds_up_no_other(
    with_mail: Mailbox, cast: Cast, session: Session
) -> None:
    two_are_due(cast, session)
    with_mail.refuses = "ann.author@example.org"
    mail_notices(timestamp=0)
    assert [one["To"] for one in with_mail.letters] == ["ben.author@example.org"]
    with pytest.raises(SMTPException):
        send_mail(user_id=cast.author.actor.user_id, **SENT)
    with_mail.refuses = ""
    mail_notices(timestamp=0)
    assert unmailed(session) == 0


def test_a_server_that_is_away_is_asked_once_and_not_for_each_reader(
    with_mail: Mailbox, cast: Cast, session: Session
) -> None:
    two_are_due(cast, session)
    with_mail.is_away = True
    mail_notices(timestamp=0)
    assert (with_mail.visits, unmailed(session)) == (1, 2)
