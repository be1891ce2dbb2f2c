"""`sightbench nyckel list|delete` and `sightbench nyckel-server`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
import requests
import typer
from typer.testing import CliRunner

from plugins.classifiers.nyckel.commands import nyckel, server
from plugins.classifiers.nyckel.functions import PREFIX
from plugins.classifiers.nyckel.server.store import Function

RUNNER = CliRunner()


@pytest.fixture
def account(serving):
    running = serving(visible_after_s=0.0)
    for name in (f"{PREFIX}one #1", f"{PREFIX}two\x1b[31m #2", "a person's own"):
        running.store.add(Function(name, "test-client"))
    return running


def call(running, *words, typed=""):
    return RUNNER.invoke(nyckel, [*words, "--server", running.url], input=typed)


def ids(running):
    return {each.name[: len(PREFIX) + 3]: each.id for each in running.store.functions()}


def test_list_shows_only_ours(account):
    done = call(account, "list")
    assert done.exit_code == 0
    assert "#1" in done.output
    assert "#2" in done.output
    assert "person" not in done.output
    assert "\x1b" not in done.output


def test_delete_asks_first(account):
    one = ids(account)[f"{PREFIX}one"]
    kept = call(account, "delete", one, typed="n\n")
    assert kept.exit_code == 1
    assert len(account.store.functions()) == 3
    gone = call(account, "delete", f"function_{one}", typed="y\n")
    assert gone.exit_code == 0
    assert "Delete this function" in gone.output
    assert one not in ids(account).values()


def test_delete_all_leaves_what_is_not_ours(account):
    assert call(account, "delete", "--all", "--yes").exit_code == 0
    assert [each.name for each in account.store.functions()] == ["a person's own"]
    assert "nothing to delete" in call(account, "delete", "--all").output


@pytest.mark.parametrize("words", [["delete"], ["delete", "abc", "--all"], ["delete", "strange"]])
def test_delete_of_nothing_or_of_a_stranger(words, account):
    done = call(account, *words)
    assert done.exit_code == 2
    assert done.output.startswith("Error: nyckel delete:")
    assert len(account.store.functions()) == 3


def test_no_credentials(monkeypatch, account):
    monkeypatch.delenv("NYCKEL_CLIENT_ID")
    done = call(account, "list")
    assert done.exit_code == 2
    assert "NYCKEL_CLIENT_ID" in done.output


@pytest.mark.skipif(os.name != "posix", reason="ends the server by SIGINT")
def test_the_server_command():
    code = "import typer; from plugins.classifiers.nyckel.commands import server; typer.run(server)"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--port", "0", "--fault", "latency=0.01"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        url = process.stdout.readline().split()[0]
        assert url.startswith("http://127.0.0.1:")
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(f"{url}/v1/functions").status_code == 401
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130, -signal.SIGINT)
    finally:
        process.kill()
        process.stdout.close()


def test_the_server_command_refuses_what_makes_no_sense():
    app = typer.Typer()
    app.command()(server)
    done = RUNNER.invoke(app, ["--fault", "rain=1"])
    assert done.exit_code == 2
    assert "half-answer=" in done.output
