"""The site over https."""

import ssl
import sys
import threading
import types
import urllib.request
from pathlib import Path

import pytest

from har_utils.build import serve


@pytest.fixture
def folder(tmp_path) -> Path:
    """A site of two pages."""
    (tmp_path / "index.html").write_text("start")
    (tmp_path / "live.html").write_text("live")
    return tmp_path


def _ask(port: int, page: str) -> bytes:
    known = ssl.create_default_context()
    known.check_hostname, known.verify_mode = False, ssl.CERT_NONE
    address = f"https://127.0.0.1:{port}/{page}"
    with urllib.request.urlopen(address, context=known, timeout=10) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.read()


def test_started_serves_over_https_at_the_machine_itself(folder):
    with serve.started(folder, serve.LOOPBACK, 0) as server:
        assert server.server_address[0] == "127.0.0.1"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        assert _ask(server.server_port, "live.html") == b"live"
        assert _ask(server.server_port, "") == b"start"
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(f"https://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


def test_started_refuses_where_there_is_no_site_or_no_openssl(tmp_path, folder, monkeypatch):
    with (
        pytest.raises(RuntimeError, match="nothing: no site there; `make site` makes it"),
        serve.started(tmp_path / "nothing", serve.LOOPBACK, 0),
    ):
        pass
    monkeypatch.setenv("PATH", "")
    with (
        pytest.raises(RuntimeError, match="no openssl found"),
        serve.started(folder, serve.LOOPBACK, 0),
    ):
        pass


def test_started_takes_a_name_and_names_an_address_that_is_taken(folder):
    with serve.started(folder, "localhost", 0) as server:
        with pytest.raises(OSError, match="in use") as error:
            serve.started(folder, "localhost", server.server_port).__enter__()
        assert error.value.filename == f"localhost:{server.server_port}"


def test_what_is_said_names_the_page_the_warning_and_who_can_ask(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "segno", None)
    said = serve._said(serve.LOOPBACK, 8443, folder)
    assert said[0] == "https://127.0.0.1:8443/live.html"
    assert said[1:4] == [serve.say(key) for key in ("no_code", "unknown_signer", "only_here")]
    assert "HOST=0.0.0.0" in said[3]
    monkeypatch.setattr(serve, "address", lambda host: "192.168.1.7")
    said = serve._said("0.0.0.0", 8443, folder)
    assert said[0] == "https://192.168.1.7:8443/live.html"
    assert serve.say("only_here") not in said


def test_code_is_drawn_where_there_is_a_library_for_it(monkeypatch):
    def make(text: str, error: str) -> types.SimpleNamespace:
        assert error == "l"
        return types.SimpleNamespace(terminal=lambda out, compact: out.write(f"[{text}]\n"))

    monkeypatch.setitem(sys.modules, "segno", types.SimpleNamespace(make=make))
    assert serve.code("https://a") == "[https://a]"
