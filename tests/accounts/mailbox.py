"""A mail server that keeps what it is given: enough of SMTP (RFC 5321) for smtplib to talk to."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class Conversation(socketserver.StreamRequestHandler):
    """One client's commands, answered until QUIT."""

    server: "Mailbox"

    def handle(self) -> None:
        """Say yes to everything, and keep the letter."""
        self.wfile.write(b"220 mailbox\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.keep(self.lines())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return

    def lines(self) -> bytes:
        """A letter, up to the line that holds a dot alone."""
        kept = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            kept.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(kept)


class Mailbox(socketserver.ThreadingTCPServer):
    """The server, on a free port of this machine."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters: list[EmailMessage] = []
        self.url = f"smtp://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def keep(self, raw: bytes) -> None:
        """Keep one letter."""
        self.letters.append(message_from_bytes(raw, _class=EmailMessage, policy=policy.default))
