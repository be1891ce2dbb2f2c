"""Credentials come from the environment or netrc, and show nowhere."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import pytest

from harness import ClassifierError, ParameterError, Unavailable
from plugins.classifiers.nyckel.credentials import Credentials, find_credentials
from plugins.classifiers.nyckel.hosts import check_server
from plugins.classifiers.nyckel.plugin import Nyckel


@pytest.fixture
def bare(monkeypatch):
    monkeypatch.delenv("NYCKEL_CLIENT_ID")
    monkeypatch.delenv("NYCKEL_CLIENT_SECRET")


def netrc(tmp_path, monkeypatch, text, mode=0o600):
    path = tmp_path / "netrc"
    path.write_text(text)
    path.chmod(mode)
    monkeypatch.setenv("NETRC", str(path))
    return path


def test_environment(secret):
    found = find_credentials("https://www.nyckel.com")
    assert (found.client_id, found.client_secret) == ("test-client", secret)
    assert Nyckel.unavailable() is None


def test_without_credentials_the_way_to_get_them_is_shown(bare):
    reason = Nyckel.unavailable()
    assert reason is not None
    assert "NYCKEL_CLIENT_ID" in reason
    assert "NYCKEL_CLIENT_SECRET" in reason
    assert "netrc" in reason
    with pytest.raises(Unavailable, match="NYCKEL_CLIENT_SECRET"):
        find_credentials("https://www.nyckel.com")


def test_netrc_by_machine(bare, tmp_path, monkeypatch):
    netrc(tmp_path, monkeypatch, "machine www.nyckel.com login me password hidden\n")
    assert find_credentials("https://www.nyckel.com").client_secret == "hidden"
    assert Nyckel.unavailable() is None
    with pytest.raises(Unavailable):
        find_credentials("https://elsewhere.example")


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_netrc_that_others_can_read_is_refused(bare, tmp_path, monkeypatch):
    line = "machine www.nyckel.com login me password hidden\n"
    path = netrc(tmp_path, monkeypatch, line, 0o644)
    with pytest.raises(ClassifierError, match=f"chmod 600 {path}"):
        find_credentials("https://www.nyckel.com")
    assert "chmod" in (Nyckel.unavailable() or "")


def test_a_broken_netrc_is_not_quoted(bare, tmp_path, monkeypatch):
    netrc(tmp_path, monkeypatch, "machine www.nyckel.com login me passwort hidden\n")
    with pytest.raises(ClassifierError, match="netrc") as error:
        find_credentials("https://www.nyckel.com")
    assert "hidden" not in str(error.value)


def test_the_secret_is_in_no_representation(secret, classifier):
    credentials = Credentials("client", secret)
    assert secret not in repr(credentials) + str(credentials) + f"{credentials}"
    made = classifier("http://127.0.0.1:5000")
    assert secret.encode() not in pickle.dumps(made) + repr(made).encode()


@pytest.mark.parametrize(
    "server",
    ["ftp://www.nyckel.com", "www.nyckel.com", "https://", "https://user:pw@www.nyckel.com"],
)
def test_no_url(server):
    with pytest.raises(ParameterError, match="server=") as error:
        Nyckel(server=server)
    assert "pw" not in str(error.value)


def test_no_secret_in_clear_text_but_on_this_machine():
    with pytest.raises(ParameterError, match="unencrypted"):
        Nyckel(server="http://www.nyckel.com")
    assert check_server("http://localhost:5000/") == "http://localhost:5000"


def test_light_imports():
    code = (
        "import sys, plugins.classifiers.nyckel, plugins.classifiers.nyckel.commands\n"
        "heavy = {'requests', 'numpy', 'starlette', 'uvicorn', 'sklearn', 'PIL'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "plugins.classifiers.nyckel.harness_classifiers()[0].unavailable()\n"
        "print(sorted((heavy - {'numpy'}) & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]
