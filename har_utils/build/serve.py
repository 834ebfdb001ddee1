"""The site on the own network: browsers give sensors only to pages that come over https."""

from __future__ import annotations

import functools
import http.server
import ipaddress
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from har_utils import sentences

say = sentences.beside(__file__)

LOOPBACK = "127.0.0.1"
"""Where only this machine itself can ask."""

DAYS = 30
"""How long a certificate holds."""


def serve(folder: Path, host: str = LOOPBACK, port: int = 8443) -> None:
    """Serve a site over https until somebody stops it.

    Parameters
    ----------
    folder
        The site.
    host
        At which of the machine's addresses; 0.0.0.0 for all of them, so that phones can ask.
    port
        0 for any that is free.

    Raises
    ------
    RuntimeError
        If there is no site, or no openssl to make a certificate with.
    """
    with started(folder, host, port) as server:
        print("\n".join(_said(host, server.server_port, folder)), flush=True)
        server.serve_forever()


@contextmanager
def started(folder: Path, host: str, port: int) -> Iterator[http.server.ThreadingHTTPServer]:
    """Give a server that listens and does not answer yet; it is closed at the end."""
    if not (folder / "index.html").is_file():
        raise RuntimeError(f"{folder}: no site there; `make site` makes it")
    handler = functools.partial(_Quiet, directory=str(folder))
    with (
        tempfile.TemporaryDirectory(prefix="har-") as place,
        _listening(host, port, handler) as server,
    ):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*_certificate(Path(place), address(host)))
        # Each browser is greeted in its own thread: one that stays silent holds up nobody.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        yield server


def _listening(
    host: str, port: int, handler: Callable[..., http.server.BaseHTTPRequestHandler]
) -> http.server.ThreadingHTTPServer:
    """Return a server that listens; where it cannot, the error says at which address."""
    try:
        return http.server.ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from None


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and tells nobody who asked for which."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


def _certificate(place: Path, host: str) -> tuple[Path, Path]:
    """Make a certificate that this machine signs for itself; return it and its key."""
    program = shutil.which("openssl")
    if not program:
        raise RuntimeError("no openssl found, which makes the certificate: install it")
    certificate, key = place / "certificate.pem", place / "key.pem"
    command = [
        *(program, "req", "-x509", "-nodes", "-newkey", "ec"),
        *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", str(DAYS)),
        *("-subj", f"/CN={host}", "-addext", f"subjectAltName={_named(host)},DNS:localhost"),
        *("-keyout", str(key), "-out", str(certificate)),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl made no certificate: {done.stderr.strip().splitlines()[-1]}")
    return certificate, key


def _named(host: str) -> str:
    """Return an address or a name as a certificate has it."""
    try:
        return f"IP:{ipaddress.ip_address(host)}"
    except ValueError:
        return f"DNS:{host}"


def address(host: str) -> str:
    """Return the address at which others find a server that listens at `host`."""
    if host != "0.0.0.0":
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way_out:
        try:
            way_out.connect(("192.0.2.1", 9))  # sends nothing; this address belongs to nobody
            return way_out.getsockname()[0]
        except OSError:
            return LOOPBACK


def _said(host: str, port: int, folder: Path) -> list[str]:
    """Return what is printed before the first page is asked for."""
    page = f"https://{address(host)}:{port}/"
    lines = [page + "live.html" if (folder / "live.html").exists() else page]
    lines += [code(lines[0]) or say("no_code"), say("unknown_signer")]
    if address(host) == LOOPBACK:
        lines.append(say("only_here"))
    return [*lines, say("stop")]


def code(text: str) -> str | None:
    """Return a text as a QR code made of characters, if the library for it is there."""
    try:
        import segno
    except ImportError:
        return None
    import io

    drawn = io.StringIO()
    segno.make(text, error="l").terminal(drawn, compact=True)
    return drawn.getvalue().rstrip("\n")
