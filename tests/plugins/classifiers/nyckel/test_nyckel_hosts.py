"""Which server a URL names, and which secret goes there: the environment's to two places alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import ParameterError, Unavailable
from plugins.classifiers.nyckel.credentials import find_credentials
from plugins.classifiers.nyckel.hosts import check_server, parse_origin, same_origin
from plugins.classifiers.nyckel.plugin import Nyckel

ELSEWHERE = [
    "https://collector.example",
    "https://nyckel.com",
    "https://www.nyckel.com.collector.example",
    "https://wwwxnyckel.com",
    "https://www.nycke1.com",
    "https://www.xn--nyckl-kva.com",
    "https://www.nyckel.com:8443",
    "https://127.0.0.1.collector.example",
    "https://127.0.0.1.nip.io",
    "https://localhost.collector.example",
    "https://localhost-collector.example",
    "https://default",
    "https://0.0.0.0",
    "https://128.0.0.1",
    "https://192.168.0.1",
    "https://[::]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[2001:db8::1]",
]
NOT_PLAIN = [
    "https://www.nyckel.com.",
    "http://localhost.",
    "https://www.nyckel.com@collector.example",
    "https://www.nyckel.com:pw@collector.example",
    "https://collector.example\\@www.nyckel.com",
    "https://collector.example#@www.nyckel.com",
    "https://collector.example?www.nyckel.com",
    "https://www.nyckel.com/../collector",
    "https://www.nyckel.com/~somebody",
    "https://www.nyckel.com?",
    "https://www.nyckel.com#",
    "https://www.nyckel.com\n.collector.example",
    "https://www.nyckel.com ",
    " https://www.nyckel.com",
    "https://www.nyckel.com\t",
    "https://www\uff0enyckel.com",
    "https://www.nyckel\u3002com",
    "https://www.nycke\u04cf.com",
    "https://\uff4cocalhost",
    "https://www.nyckel.com%2ecollector.example",
    "https://%77ww.nyckel.com",
    "https://www..nyckel.com",
    "https://-www.nyckel.com",
    "https://www.nyckel_.com",
    "https://www.nyckel.com:",
    "https://www.nyckel.com:0",
    "https://www.nyckel.com:65536",
    "https://www.nyckel.com:\u0664\u0664\u0663",
    "http://2130706433",
    "http://0x7f000001",
    "http://0x7f.0.0.1",
    "http://0177.0.0.1",
    "http://017700000001",
    "http://127.1",
    "http://127.0.0.1.",
    "http://127.0.0.01",
    "http://127.0.0.256",
    "http://[::1%25eth0]",
    "http://[127.0.0.1]",
    "http://::1",
    "https:www.nyckel.com",
    "https:///www.nyckel.com",
    "//www.nyckel.com",
    "ftp://www.nyckel.com",
    "file:///etc/passwd",
    "https://",
    "",
]


@pytest.mark.parametrize("server", ELSEWHERE)
def test_another_host_is_not_given_the_environments_secret(server, tmp_path, monkeypatch, secret):
    path = tmp_path / "netrc"
    path.write_text(
        "machine www.nyckel.com login a password b\nmachine localhost login c password d\n"
        "machine 127.0.0.1 login e password f\ndefault login anybody password everything\n"
    )
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    with pytest.raises(Unavailable, match="to this machine alone") as error:
        find_credentials(server)
    assert "If you trust" in str(error.value)
    assert secret not in str(error.value)


@pytest.mark.parametrize("server", NOT_PLAIN)
def test_a_url_that_two_readers_read_differently_is_refused(server):
    with pytest.raises(ParameterError, match="server="):
        Nyckel(server=server)


@pytest.mark.parametrize(
    "server", ["http://www.nyckel.com", "http://collector.example", "http://127.0.0.1.nip.io"]
)
def test_no_secret_travels_in_clear_text(server):
    with pytest.raises(ParameterError, match="unencrypted"):
        Nyckel(server=server)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("https://www.nyckel.com", "https://www.nyckel.com"),
        ("HTTPS://WWW.Nyckel.com:443/", "https://www.nyckel.com"),
        ("http://localhost:5000/", "http://localhost:5000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.9.9.9:5000", "http://127.9.9.9:5000"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("http://[0:0:0:0:0:0:0:1]:5000", "http://[::1]:5000"),
        ("https://localhost", "https://localhost"),
    ],
)
def test_the_vendor_and_this_machine_are_given_it(written, plain, secret):
    assert check_server(written) == plain
    assert find_credentials(written).client_secret == secret


@pytest.mark.parametrize(
    ("server", "ending"),
    [
        ("https://collector.example", "_COLLECTOR_EXAMPLE"),
        ("https://my-collector.example", "_MY__COLLECTOR_EXAMPLE"),
        ("https://collector.example:8443", "_COLLECTOR_EXAMPLE___8443"),
        ("https://10.0.0.7", "_10_0_0_7"),
    ],
)
def test_another_host_takes_variables_of_its_own_name(server, ending, monkeypatch):
    with pytest.raises(Unavailable, match=f"NYCKEL_CLIENT_SECRET{ending}, or write"):
        find_credentials(server)
    monkeypatch.setenv(f"NYCKEL_CLIENT_ID{ending}", "own")
    monkeypatch.setenv(f"NYCKEL_CLIENT_SECRET{ending}", "its own")
    assert find_credentials(server).client_secret == "its own"
    monkeypatch.delenv("NYCKEL_CLIENT_ID")
    assert Nyckel.unavailable() is None
    with pytest.raises(Unavailable):
        find_credentials("https://www.nyckel.com")


def test_another_host_takes_a_netrc_entry_of_its_own_name_and_port(tmp_path, monkeypatch):
    path = tmp_path / "netrc"
    path.write_text("machine collector.example login own password its-own\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    assert find_credentials("https://collector.example").client_secret == "its-own"
    for other in ("https://collector.example:8443", "https://www.collector.example"):
        with pytest.raises(Unavailable, match=r"or write 'machine .*collector\.example"):
            find_credentials(other)


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,4}[a-z0-9])?", fullmatch=True)
HOST = st.builds(
    lambda labels, port: "https://" + ".".join(labels) + port,
    st.lists(LABEL, min_size=1, max_size=4),
    st.sampled_from(["", ":8443", ":1"]),
)


@given(HOST, HOST)
def test_no_two_servers_share_the_names_of_their_variables(one, other):
    from plugins.classifiers.nyckel.credentials import _ending

    first, second = parse_origin(one), parse_origin(other)
    if first is None or second is None or first.is_loopback or second.is_loopback:
        return
    assert (_ending(first) == _ending(second)) == (first == second)


@given(st.text(max_size=40))
def test_any_text_names_a_server_as_it_is_written_or_none(text):
    for url in (text, f"https://{text}", f"https://www.nyckel.com{text}"):
        origin = parse_origin(url)
        if origin is not None:
            assert parse_origin(str(origin)) == origin
            assert url.isascii()
            assert origin.host in url.lower() or ":" in origin.host
            assert same_origin(f"{origin}/v1/functions?a=b", origin)


@pytest.mark.parametrize(
    "server",
    [
        "https://user:hunter2@collector.example",
        "https://user:hun/ter2@collector.example",
        "https://collector.example/hunter2",
        "https://collector.example?token=hunter2",
        "https://collector.example?a@hunter2",
        "https://collector.example#hunter2",
    ],
)
def test_what_could_be_secret_in_a_url_is_not_repeated(server):
    with pytest.raises(ParameterError) as error:
        Nyckel(server=server)
    assert "ter2" not in str(error.value)
