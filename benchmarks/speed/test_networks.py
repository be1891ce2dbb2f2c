"""The classifier `transfer` beside the bare network that it asks."""

from __future__ import annotations

import importlib.util
import time
from typing import Any

import numpy as np
import pytest

from benchmarks.speed import table
from harness import Pictures
from plugins.classifiers.transfer.engines import ENGINES
from plugins.classifiers.transfer.network import network_of
from plugins.classifiers.transfer.plugin import Transfer

PICTURES = 8
ROUNDS = 25


@pytest.fixture
def pictures(side: int) -> Pictures:
    pixels = np.random.default_rng(0).integers(0, 256, (PICTURES, side, side, 3), dtype=np.uint8)
    return Pictures(pixels, tuple(map(str, range(PICTURES))))


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.parametrize("side", [128, 224])
@pytest.mark.parametrize("engine", ENGINES)
def test_features(benchmark: Any, engine: str, side: int, pictures: Pictures) -> None:
    """Describe some pictures, and let the network alone run on them just before each round.

    The network sees 128 x 128 pixels; larger pictures are shrunk first, which counts. Time is the
    processor's: what else the machine does counts little.
    """
    missing = Transfer.unavailable()
    if missing:
        pytest.skip(missing)
    if engine == "onnxruntime" and importlib.util.find_spec(engine) is None:
        pytest.skip("onnxruntime is not installed")
    plugin = Transfer(engine=engine)
    network = network_of(plugin.recipe())
    blobs = [network.plan.preparation.blob(picture) for picture in pictures.pixels]
    bare: list[float] = []

    def alone() -> tuple[tuple[Pictures], dict[str, Any]]:
        start = time.process_time()
        for blob in blobs:
            network.engine.maps(blob)
        bare.append(time.process_time() - start)
        return (pictures,), {}

    benchmark.group = table.NETWORKS
    benchmark.extra_info.update(engine=engine, side=side, clips=PICTURES)
    found = benchmark.pedantic(plugin.features, setup=alone, rounds=ROUNDS, warmup_rounds=2)
    assert found.shape == (PICTURES, 2728)
    if benchmark.stats:
        ours = benchmark.stats.stats.data
        benchmark.extra_info.update(bare_s=bare[-len(ours) :], ours_s=list(ours))
