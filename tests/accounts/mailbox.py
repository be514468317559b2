"""A mail server that keeps what it is given: enough of SMTP (RFC 5321), and of TLS, for smtplib to talk to."""

import socketserver
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BufferedIOBase
from pathlib import Path
from typing import cast


class Conversation(socketserver.StreamRequestHandler):
    """One client's commands, answered until QUIT."""

    server: "Mailbox"

    def handle(self) -> None:
        """Say yes to everything that is not to be refused, and keep the letter."""
        self.server.visits += 1
        if self.server.is_away:
            return
        self.wfile.write(b"220 mailbox\r\n")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode()
            self.server.hear(verb)
            self.wfile.write(self.answer(verb, line.decode()))
            if verb == "STARTTLS":
                if not self.go_on_in_secret():
                    return
            elif verb == "QUIT":
                return

    def answer(self, verb: str, line: str) -> bytes:
        """What is said to a command."""
        if verb == "EHLO":
            offered = b"STARTTLS" if self.server.tls and not self.server.in_secret else b"AUTH PLAIN"
            return b"250-mailbox\r\n250 " + offered + b"\r\n"
        if verb == "STARTTLS":
            return b"220 go on\r\n"
        if verb == "AUTH":
            return b"235 come in\r\n"
        if verb == "RCPT" and self.server.refuses and self.server.refuses in line:
            return b"550 nobody is called so\r\n"
        if verb == "DATA":
            self.wfile.write(b"354 go on\r\n")
            self.server.keep(self.lines())
        return b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n"

    def go_on_in_secret(self) -> bool:
        """Speak TLS from here on. False where the client turns away."""
        assert self.server.tls
        try:
            self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            return False
        self.server.in_secret = True
        self.rfile, self.wfile = (
            self.connection.makefile("rb"),
            cast("BufferedIOBase", self.connection.makefile("wb", 0)),
        )
        return True

    def finish(self) -> None:
        """Hang up; of a connection that went on in secret the server knows the beginning alone."""
        super().finish()
        self.connection.close()

    def lines(self) -> bytes:
        """A letter, up to the line that holds a dot alone."""
        kept = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            kept.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(kept)


class Mailbox(socketserver.ThreadingTCPServer):
    """The server, on a free port of this machine. `said`: the commands that it heard; `refuses`: whom it does not know;
    `is_away`: it hangs up at once, `visits` counts how often somebody came."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters: list[EmailMessage] = []
        self.url = f"smtp://127.0.0.1:{self.server_address[1]}"
        self.tls: ssl.SSLContext | None = None
        self.in_secret, self.is_away, self.refuses, self.visits = False, False, "", 0
        self.said: list[str] = []
        self.in_the_clear: list[str] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def speaks_tls(self, certificate: Path) -> None:
        """Offer STARTTLS, with the key and the certificate of this file."""
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)

    def hear(self, verb: str) -> None:
        """Remember a command, and whether others could have read it."""
        self.said.append(verb)
        if not self.in_secret:
            self.in_the_clear.append(verb)

    def keep(self, raw: bytes) -> None:
        """Keep one letter."""
        self.letters.append(message_from_bytes(raw, _class=EmailMessage, policy=policy.default))
