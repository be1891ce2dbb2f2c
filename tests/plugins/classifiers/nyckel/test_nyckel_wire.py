"""Answers that drip, swell, lead elsewhere or repeat secrets; requests that go to one server."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import traceback
from contextlib import contextmanager

import pytest

from harness import ClassifierError
from plugins.classifiers.nyckel import wire
from plugins.classifiers.nyckel.attempts import Request
from plugins.classifiers.nyckel.functions import pages
from plugins.classifiers.nyckel.hosts import origin_of
from plugins.classifiers.nyckel.service import Unreachable, _lifetime_s

ASK = Request("GET", "/v1/functions", "asking")
HEAD = b"HTTP/1.1 200 OK\r\n"
TOKEN = b'{"access_token": "tok-en-123456", "expires_in": 3600}'


@contextmanager
def raw_server(answer):
    """Give a token, then have `answer(connection)` write whatever it likes."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve():
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection):
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            try:
                if head.startswith(b"POST /connect/token"):
                    length = str(len(TOKEN)).encode()
                    connection.sendall(
                        HEAD
                        + b"Connection: close\r\nContent-Length: "
                        + length
                        + b"\r\n\r\n"
                        + TOKEN
                    )
                else:
                    answer(connection, ended)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.close()


def drip(start, forever):
    def answer(connection, ended):
        connection.sendall(start)
        while not ended.wait(0.05):
            connection.sendall(forever)

    return answer


@pytest.mark.parametrize(
    ("start", "forever"),
    [
        (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD + b"X-Long: ", b"x"),
        (b"", b"H"),
        (HEAD, b"A: b\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "chunks", "one header", "status line", "headers", "continue"],
)
def test_an_answer_that_drips_ends_by_its_deadline(start, forever, service):
    with raw_server(drip(start, forever)) as url:
        began = time.monotonic()
        with pytest.raises(Unreachable) as error:
            service(url, attempts=1, timeout_s=0.2).call(ASK)
        # Far from the hours that it could have taken; the sentence is what counts.
        assert time.monotonic() - began < 30
    assert "not complete within 1 s" in str(error.value) or b"A: b" in forever


@pytest.mark.parametrize("told", [True, False])
def test_an_answer_of_any_size_is_not_swallowed(told, service, monkeypatch):
    monkeypatch.setattr(wire, "MOST_BYTES", 2**20)
    size = b"Content-Length: 99999999\r\n\r\n" if told else b"\r\n"

    def answer(connection, ended):
        connection.sendall(HEAD + size)
        for _ in range(64):
            connection.sendall(b" " * 2**20)

    with raw_server(answer) as url, pytest.raises(ClassifierError, match="larger than 1 MiB"):
        service(url).call(ASK)


def test_a_packed_answer_is_not_unfolded_beyond_measure(scripted, service):
    bomb = gzip.compress(b"[" + b" " * 2**22 + b"]")
    server = scripted((200, {"Content-Encoding": "gzip"}, bomb))
    assert service(server.url).call(ASK).ok
    assert server.seen[0][2]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1/functions?startIndex=1",
        "//evil.example/v1/functions?startIndex=1",
        "http:/v1/functions?startIndex=1",
        "https://evil.example//v1/functions?startIndex=1",
        "https://www.nyckel.com@evil.example/v1/functions?startIndex=1",
    ],
)
def test_a_page_is_asked_of_the_same_server_whatever_the_link_says(link, scripted, service):
    server = scripted((200, {"Link": f'<{link}>; rel="next"'}, b"[]"), (200, {}, b'[{"id": "b"}]'))
    assert len(list(pages(service(server.url), "/v1/functions", "listing"))) == 1
    assert server.seen[1][1] == "/v1/functions?startIndex=1"


@pytest.mark.parametrize(
    "link", ["x:http://evil.example/a", "x:https://evil.example", "http://[", "evil", "?a=b", ""]
)
def test_a_link_that_is_no_place_on_the_server_is_not_followed(link, scripted, service):
    server = scripted((200, {"Link": f'<{link}>; rel="next"'}, b"[]"))
    assert list(pages(service(server.url), "/v1/functions", "listing")) == []
    assert len(server.seen) == 1


def test_a_list_without_end_is_given_up(service, monkeypatch):
    monkeypatch.setattr("plugins.classifiers.nyckel.functions._MOST_PAGES", 5)
    number = iter(range(100))

    def answer(connection, ended):
        link = f'Link: </v1/functions?startIndex={next(number)}>; rel="next"\r\n'.encode()
        connection.sendall(HEAD + link + b"Connection: close\r\nContent-Length: 2\r\n\r\n[]")

    with raw_server(answer) as url, pytest.raises(ClassifierError, match="not come to an end"):
        list(pages(service(url), "/v1/functions", "listing"))


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_neither_secret_nor_token_follows_a_redirect(code, scripted, service):
    elsewhere = scripted((200, {}, b"{}"))
    server = scripted((code, {"Location": elsewhere.url}, b""))
    assert service(server.url).call(ASK).status == code
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "https://www.nyckel.com/x", "http://localhost/x", "http://[::1"]
)
def test_a_session_speaks_to_one_server_alone(url, scripted):
    server = scripted((200, {}, b"{}"))
    session = wire.make_session(origin_of(server.url), 5.0)
    assert session.get(server.url + "/x", timeout=5).status_code == 200
    with pytest.raises((wire.WrongServer, wire.requests.exceptions.InvalidURL)):
        session.get(url, timeout=5)


@pytest.mark.parametrize("written", ['"{}"', '["{}"]', '{{"a": {{"{}": 1}}}}', '"x{}y"'])
def test_an_answer_that_repeats_the_secret_is_not_kept(written, scripted, service, secret):
    for shown in (secret, "tok-en-1", "\\u0073" + secret[1:]):
        server = scripted((200, {}, written.format(shown).encode()))
        client = service(server.url)
        client._bearer._known.append("tok-en-1")
        with pytest.raises(ClassifierError, match="repeats the secret or a token") as error:
            client.call(ASK)
        assert secret not in "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, b"\xff\xfe{}"])
def test_json_that_is_none_is_a_sentence(body, scripted, service):
    with pytest.raises(Unreachable, match="cut short"):
        service(scripted((200, {}, body)).url, attempts=2).call(ASK)


def test_what_breaks_tells_no_secret(service, secret, caplog):
    caplog.set_level("DEBUG")

    def hang_up(connection, ended):
        connection.sendall(b"nonsense\r\n\r\n")

    with raw_server(hang_up) as url, pytest.raises(Unreachable) as error:
        service(url, attempts=2).call(ASK)
    chain, waiting = [], [error.value]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in chain:
            chain.append(one)
            waiting += [one.__cause__, one.__context__]
    told = (
        "".join(map(repr, chain)) + caplog.text + "".join(traceback.format_exception(error.value))
    )
    assert secret not in told
    assert "tok-en-123456" not in told


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("3600", 3600.0), ("-5", 0.1), ("0", 0.1), ("1e999", 600.0), ("NaN", 600.0),
        ("1" + "0" * 400, 86_400.0), ("true", 600.0), ('"soon"', 600.0), ("null", 600.0),
    ],
)  # fmt: skip
def test_any_lifetime_of_a_token_is_borne(said, seconds):
    assert _lifetime_s(json.loads(said)) == seconds


@pytest.mark.parametrize("token", ["a\\r\\nX-Evil: 1", "t\\u00f6ken", "x" * 20_000, "\\u001b[31m"])
def test_a_token_that_no_header_can_carry_is_refused(token, service, monkeypatch):
    monkeypatch.setitem(globals(), "TOKEN", f'{{"access_token": "{token}"}}'.encode())
    with raw_server(lambda *_: None) as url, pytest.raises(ClassifierError, match="gave a token"):
        service(url).call(ASK)
