"""Requests: what is retried, what is not, and that no message tells a secret."""

from __future__ import annotations

import json
from email.utils import formatdate
from time import time

import pytest

from harness import ClassifierError, Stopped
from plugins.classifiers.nyckel.answers import Answer, bare_id, clean, refusal, retry_after_s
from plugins.classifiers.nyckel.attempts import Request
from plugins.classifiers.nyckel.functions import pages
from plugins.classifiers.nyckel.service import Unreachable
from plugins.classifiers.nyckel.tokens import Bearer

FINE = (200, {}, b'{"fine": true}')
ASK = Request("GET", "/v1/functions", "asking")


def status(code, body=b"{}", **headers):
    return code, {name.replace("_", "-"): value for name, value in headers.items()}, body


@pytest.mark.parametrize("code", [400, 402, 403, 404, 409, 413, 422])
def test_a_refusal_is_not_asked_again(code, scripted, service):
    server = scripted(status(code), FINE)
    assert service(server.url).call(ASK).status == code
    assert len(server.seen) == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_trouble_is_asked_again(code, scripted, service):
    server = scripted(status(code), status(code), FINE)
    answer = service(server.url).call(ASK)
    assert answer.body == {"fine": True}
    assert answer.retries == 2
    assert answer.lost == (0 if code == 429 else 2)


@pytest.mark.parametrize(
    "broken", [(200, {}, b'{"fine": tr'), (200, {"Content-Length": "99"}, b'{"fine": true}')]
)
def test_a_half_written_answer_is_asked_again(broken, scripted, service):
    answer = service(scripted(broken, FINE).url).call(ASK)
    assert (answer.body, answer.retries, answer.lost) == ({"fine": True}, 1, 1)


def test_giving_up_is_a_sentence(scripted, service):
    server = scripted(status(503))
    with pytest.raises(Unreachable, match="asking failed 4 times; last: status 503") as error:
        service(server.url).call(ASK)
    assert len(server.seen) == 4
    assert "run the same command again" in str(error.value)


def test_nobody_there(service):
    with pytest.raises(Unreachable, match="asking for a token failed 2 times"):
        service("http://127.0.0.1:9", attempts=2).call(ASK)


def test_a_refused_token_is_renewed(scripted, service):
    server = scripted(status(401), FINE)
    assert service(server.url).call(ASK).ok
    first, second = (headers["Authorization"] for _, _, headers in server.seen)
    assert first != second


def test_a_token_that_is_always_refused_ends_it(scripted, service):
    server = scripted(status(401))
    assert service(server.url).call(ASK).status == 401
    assert len(server.seen) == 4


def test_a_netrc_entry_does_not_replace_the_token(scripted, service, tmp_path, monkeypatch):
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login other password hidden\n")
    monkeypatch.setenv("NETRC", str(path))
    server = scripted(FINE)
    service(server.url).call(ASK)
    assert server.seen[0][2]["Authorization"].startswith("Bearer tok-")


def test_retry_after_holds_everything_back(scripted, service):
    client = service(scripted(status(429, Retry_After="3"), FINE).url)
    slept = []
    client._limiter.pause = slept.append
    assert client.call(ASK).ok
    assert slept == [3.0]


def test_a_long_retry_after_stops_the_run(scripted, service):
    with pytest.raises(Stopped, match="wait for 3600 s"):
        service(scripted(status(429, Retry_After="3600")).url).call(ASK)


def test_a_redirect_is_not_followed(scripted, service):
    elsewhere = scripted(FINE)
    server = scripted(status(302, Location=elsewhere.url + "/v1/functions"), FINE)
    assert service(server.url).call(ASK).status == 302
    assert elsewhere.seen == []


def test_a_link_to_another_host_gets_no_token(scripted, service):
    elsewhere = scripted(FINE)
    link = f'<{elsewhere.url}/v1/functions?startIndex=1>; rel="next"'
    server = scripted((200, {"Link": link}, b'[{"id": "a"}]'), (200, {}, b'[{"id": "b"}]'))
    items = list(pages(service(server.url), "/v1/functions", "listing"))
    assert [each["id"] for each in items] == ["a", "b"]
    assert [path for _, path, _ in server.seen] == ["/v1/functions", "/v1/functions?startIndex=1"]
    assert elsewhere.seen == []


def test_a_list_that_links_to_itself_ends(scripted, service):
    server = scripted((200, {"Link": '</v1/functions>; rel="next"'}, b'[{"id": "a"}]'))
    assert len(list(pages(service(server.url), "/v1/functions", "listing"))) == 1


def test_an_answer_that_repeats_the_secret_is_cleaned(scripted, service, secret):
    body = json.dumps({"message": f"bad {secret}\n\x1b[31mtok-0 " + "x" * 999}).encode()
    answer = service(scripted((400, {}, body)).url).call(ASK)
    words = str(refusal(answer, "asking"))
    assert secret not in words
    assert "tok-0" not in words
    assert words.isprintable()
    assert len(words) < 400


def test_refused_credentials_do_not_show(serving, service, secret):
    wrong = f"{secret}-wrong"
    with pytest.raises(ClassifierError, match="refused the client id and secret") as error:
        service(serving().url, wrong).call(ASK)
    assert secret not in str(error.value)


def test_a_closed_client_sends_nothing_more(scripted, service):
    server = scripted(FINE)
    client = service(server.url)
    client.call(ASK)
    client.close()
    with pytest.raises(Unreachable, match="broken off"):
        client.call(ASK)
    assert len(server.seen) == 1


def test_an_answer_found_after_a_loss_is_taken(scripted, service):
    server = scripted(status(500), FINE)
    found = Answer(200, {"id": "kept"})
    answer = service(server.url).call(Request("POST", "/x", "posting", {}, recover=lambda: found))
    assert (answer.text("id"), answer.lost, len(server.seen)) == ("kept", 1, 1)


def test_no_money_stops_and_can_go_on():
    error = refusal(Answer(402, {"message": "quota"}), "asking")
    assert isinstance(error, Stopped)
    assert "run the same command again" in str(error)


@pytest.mark.parametrize(
    ("written", "seconds"), [("5", 5.0), ("0", 0.0), ("", None), ("soon", None), ("-3", None)]
)
def test_retry_after_in_seconds(written, seconds):
    assert retry_after_s({"Retry-After": written}) == seconds


def test_retry_after_as_a_date():
    assert retry_after_s({"Retry-After": formatdate(time() + 60, usegmt=True)}) == pytest.approx(
        60, abs=3
    )
    assert retry_after_s({"Retry-After": formatdate(0, usegmt=True)}) == 0.0


@pytest.mark.parametrize(
    ("written", "bare"), [("function_ab1", "ab1"), ("ab1", "ab1"), ("a_b_c", "a_b_c")]
)
def test_prefixes_of_ids(written, bare):
    assert bare_id(written) == bare


def test_clean_text_is_one_short_line():
    assert clean("a\r\n\tb\x00c  d") == "a b c d"
    assert len(clean("x" * 1000)) == 200


def test_tokens_are_renewed_before_they_end():
    now, fetched = [0.0], []

    def fetch():
        fetched.append(now[0])
        return f"token-{len(fetched)}", 3600.0

    bearer = Bearer(fetch, lambda: now[0])
    assert bearer.current() == "token-1"
    now[0] = 2999.0
    assert bearer.current() == "token-1"
    now[0] = 3001.0
    assert bearer.current() == "token-2"
    bearer.refused("token-1")
    assert bearer.current() == "token-2"
    bearer.refused("token-2")
    assert bearer.current() == "token-3"
    assert bearer.known() == ("token-1", "token-2", "token-3")
