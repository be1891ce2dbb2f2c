"""The local server keeps the API's promises and its traps."""

from __future__ import annotations

import base64
import time

import numpy as np
import pytest
import requests

from harness import ParameterError, SightbenchError
from plugins.classifiers.nyckel.server.learner import Learner, read_picture
from plugins.classifiers.nyckel.server.running import open_socket
from plugins.classifiers.nyckel.server.settings import parse_faults


class Client:
    """Bare requests, so that nothing of ours stands between test and server."""

    def __init__(self, url, client="test-client", secret=None):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        self.reply = self.session.post(f"{url}/connect/token", data=form)
        if self.reply.ok:
            token = self.reply.json()["access_token"]
            self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method, path, **more):
        return self.session.request(method, self.url + path, **more)

    def function(self, name="f"):
        body = {"name": name, "input": "Image", "output": "Classification"}
        return self("POST", "/v1/functions", json=body).json()["id"]


def data_uri(pixels, encode):
    return "data:image/jpg;base64," + base64.b64encode(encode(pixels)).decode()


@pytest.fixture
def client(serving, secret):
    return Client(serving(visible_after_s=0.0).url, secret=secret)


@pytest.fixture
def post(cell, client):
    def one(function, row, label=None, external=None):
        job = cell.job(None)
        body = {"data": data_uri(cell.train.values[row], job.encode), "externalId": external}
        if label:
            body["annotation"] = {"labelName": label}
        return client("POST", f"/v1/functions/{function}/samples", json=body)

    return one


def until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_tokens(serving, secret):
    server = serving("token-expiry=0.3")
    assert Client(server.url, secret="wrong").reply.status_code == 400
    client = Client(server.url, secret=secret)
    assert client.reply.json()["token_type"] == "Bearer"
    assert client("GET", "/v1/functions").status_code == 200
    until(lambda: client("GET", "/v1/functions").status_code == 401)
    client.session.headers.pop("Authorization")
    assert client("GET", "/v1/functions").status_code == 401


def test_functions_show_after_a_moment(serving, secret):
    client = Client(serving(visible_after_s=0.2).url, secret=secret)
    function = client.function("slow")
    assert function.startswith("function_")
    assert client("GET", f"/v1/functions/{function}").status_code == 404
    until(lambda: client("GET", f"/v1/functions/{function}").ok)
    bare = function.removeprefix("function_")
    assert client("GET", f"/v1/functions/{bare}").json() == {
        "id": function, "name": "slow", "input": "Image", "output": "Classification",
    }  # fmt: skip
    assert client("DELETE", f"/v1/functions/{bare}").ok
    assert client("GET", f"/v1/functions/{bare}").status_code == 404


def test_other_accounts_functions_are_forbidden(serving, secret):
    url = serving(visible_after_s=0.0, clients={"test-client": secret, "b": "c"}).url
    function = Client(url, secret=secret).function()
    other = Client(url, "b", "c")
    assert other("GET", f"/v1/functions/{function}").status_code == 403
    assert other("GET", "/v1/functions").json() == []


def test_lists_come_in_pages_with_relative_links(client):
    names = [f"f{n}" for n in range(5)]
    for name in names:
        client.function(name)
    found, path = [], "/v1/functions?batchSize=2"
    while path:
        reply = client("GET", path)
        assert len(reply.json()) <= 2
        found += [each["name"] for each in reply.json()]
        path = reply.links.get("next", {}).get("url", "")
        assert not path or path.startswith("/v1/functions?")
    assert found == names


def test_labels(client):
    path = f"/v1/functions/{client.function()}/labels"
    made = client("POST", path, json={"name": " whale ", "metadata": {"a": "b"}}).json()
    assert (made["name"], made["metadata"]) == ("whale", {"a": "b"})
    assert client("POST", path, json={"name": "whale"}).status_code == 409
    assert client("POST", path, json={"name": " "}).status_code == 400
    one = f"{path}/{made['id']}"
    assert client("PUT", one, json={"name": "orca"}).json()["name"] == "orca"
    assert client("GET", one).json()["name"] == "orca"
    assert client("DELETE", one).ok
    assert client("GET", one).status_code == 404
    assert client("GET", path).json() == []


def test_samples_and_annotations(client, post, cell):
    function = client.function()
    path = f"/v1/functions/{function}"
    for name in ("whale", "noise"):
        client("POST", f"{path}/labels", json={"name": name})
    first = post(function, 0, "whale", "a").json()["id"]
    assert post(function, 0, "whale", "b").status_code == 409
    again = post(function, 1, "whale", "a")
    assert (again.status_code, again.json()["existingSampleId"]) == (409, first)
    second = post(function, 1, None, "c").json()["id"]
    assert post(function, 2, "walrus").status_code == 400

    def listed(query):
        return [each["id"] for each in client("GET", f"{path}/samples?{query}").json()]

    assert listed("sortBy=creation&sortOrder=descending") == [second, first]
    assert listed("externalId=c") == listed("annotated=false") == [second]
    assert listed("annotated=true") == [first]
    assert client("GET", f"{path}/samples?annotated=perhaps").status_code == 400

    one = f"{path}/samples/{second}"
    assert client("PUT", f"{one}/annotation", json={"labelName": "noise"}).ok
    assert "annotation" in client("GET", one).json()
    assert client("DELETE", f"{one}/annotation").ok
    assert "annotation" not in client("GET", one).json()
    picture = client("GET", client("GET", one).json()["data"])
    assert picture.content == cell.job(None).encode(cell.train.values[1])
    assert client("DELETE", one).ok
    assert client("GET", one).status_code == 404


@pytest.mark.parametrize(
    "data",
    [None, 7, "http://example.org/a.jpg", "data:image/jpg;base64,QUJD", "data:image/jpg;base64,?"],
)
def test_data_that_is_no_picture(data, client):
    path = f"/v1/functions/{client.function()}/samples"
    reply = client("POST", path, json={"data": data})
    assert (reply.status_code, list(reply.json())) == (400, ["message"])


def test_zero_shot_until_trained(serving, cell, secret):
    server = serving("slow-training=0.3", visible_after_s=0.0)
    client = Client(server.url, secret=secret)
    function = client.function()
    path = f"/v1/functions/{function}"
    encode = cell.job(None).encode
    for name in ("whale", "noise"):
        client("POST", f"{path}/labels", json={"name": name})

    def post(row):
        annotation = {"labelName": str(cell.labels[row])}
        body = {"data": data_uri(cell.train.values[row], encode), "annotation": annotation}
        assert client("POST", f"{path}/samples", json=body).ok

    def invoke():
        answers = [
            client(
                "POST",
                f"{path}/invoke?capture=false&labelCount=2",
                json={"data": data_uri(each, encode)},
            ).json()
            for each in cell.holdout.values
        ]
        assert all(len(each["labelConfidences"]) == 2 for each in answers)
        right = [e["labelName"] == t for e, t in zip(answers, cell.truth, strict=True)]
        return np.mean(right), max(each["confidence"] for each in answers)

    post(0)
    metrics = client("GET", f"/v0.9/functions/{function}/metrics").json()
    assert (metrics["sampleCount"], metrics["predictionCount"]) == (1, 0)
    assert invoke()[1] < 0.7
    for row in range(1, len(cell.labels)):
        post(row)

    def trained():
        metrics = client("GET", f"/v0.9/functions/{function}/metrics").json()
        return metrics["predictionCount"] == len(cell.labels) and not metrics["isTraining"]

    until(trained)
    assert client("GET", f"/v0.9/functions/{function}").json()["state"] == "Browsing"
    assert invoke()[0] > 0.8
    metrics = client("GET", f"/v0.9/functions/{function}/metrics").json()
    assert sum(metrics["annotatedLabelCounts"].values()) == len(cell.labels)
    assert len(server.counters.invoked) == len(cell.holdout)


def test_capture_stores_what_it_is_asked_about(client, cell):
    path = f"/v1/functions/{client.function()}"
    client("POST", f"{path}/labels", json={"name": "whale"})
    body = {"data": data_uri(cell.train.values[0], cell.job(None).encode)}
    assert client("POST", f"{path}/invoke?capture=false", json=body).ok
    assert client("GET", f"{path}/samples").json() == []
    assert client("POST", f"{path}/invoke?externalId=x", json=body).ok
    assert [each["externalId"] for each in client("GET", f"{path}/samples").json()] == ["x"]


def test_more_than_the_rate_is_429(serving, secret):
    server = serving(requests_per_second=5, retry_after_s=1)
    client = Client(server.url, secret=secret)
    replies = [client("GET", "/v1/functions") for _ in range(8)]
    assert [each.status_code for each in replies[:4]] == [200] * 4
    late = next(each for each in replies if each.status_code == 429)
    assert late.headers["Retry-After"] == "1"
    assert server.counters.limited >= 1


def test_the_order_of_pictures_does_not_matter_to_the_learner(cell):
    encode = cell.job(None).encode
    pictures = [read_picture(data_uri(each, encode)) for each in cell.train.values]
    forth, back = Learner(), Learner()
    first = forth.learn(pictures, list(cell.labels))
    second = back.learn(pictures[::-1], list(cell.labels)[::-1])[::-1]
    for one, other in zip(first, second, strict=True):
        assert one == pytest.approx(other, abs=1e-9)
    assert forth.confidences(pictures[:1])[0] == pytest.approx(back.confidences(pictures[:1])[0])


def test_cross_validation_is_honest(cells):
    """With labels drawn at random a model that saw a picture knows it; a held-out one cannot."""
    cell = cells(train=120)
    encode = cell.job(None).encode
    labels = list(np.random.default_rng(3).permutation(cell.labels))
    pictures = [read_picture(data_uri(each, encode)) for each in cell.train.values]
    learner = Learner()
    held_out = [max(each, key=each.get) for each in learner.learn(pictures, labels)]
    known = [max(each, key=each.get) for each in learner.confidences(pictures)]
    assert np.mean(np.array(known) == labels) > 0.9
    assert np.mean(np.array(held_out) == labels) < 0.7


@pytest.mark.parametrize("written", ["rain=0.2", "429", "429=2", "drop=often", "latency=-1"])
def test_faults_that_make_no_sense(written):
    with pytest.raises(ParameterError, match="--fault"):
        parse_faults([written])


def test_a_port_that_is_taken():
    with open_socket("127.0.0.1", 0) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(SightbenchError, match=f"port {port} cannot be used"):
            open_socket("127.0.0.1", port)
