"""The network beside a slow forward pass of the same arrays, step by step as the paper has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from plugins.classifiers.transfer.efficientnet import (
    STAGE_NAMES,
    STAGES,
    folded,
    same_padding,
    write_efficientnet,
)
from plugins.classifiers.transfer.engines import start_engine

Array = NDArray[Any]
Convolve = Callable[[Array, Array, int, int], Array]
SIDE = 64


def padded(map: Array, kernel: int, stride: int) -> Array:
    """Pad as TensorFlow does: to sides / stride places, the odd pixel behind."""
    _, rows, columns = map.shape
    pads = []
    for side in (rows, columns):
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        pads.append((total // 2, total - total // 2))
    return np.pad(map, [(0, 0), *pads])


def plain(map: Array, kernel: Array, stride: int, groups: int) -> Array:
    map = padded(map, kernel.shape[-1], stride)
    windows = sliding_window_view(map, kernel.shape[-2:], axis=(1, 2))[:, ::stride, ::stride]
    if groups > 1:
        return np.einsum("crsij,cij->crs", windows, kernel[:, 0])
    return np.einsum("crsij,ocij->ors", windows, kernel, optimize=True)


def torchs(map: Array, kernel: Array, stride: int, groups: int) -> Array:
    torch = pytest.importorskip("torch", reason="torch is not installed to compare with")
    map = padded(map, kernel.shape[-1], stride)
    taken = torch.from_numpy(map)[None], torch.from_numpy(kernel)
    return torch.nn.functional.conv2d(*taken, stride=stride, groups=groups)[0].numpy()


def forward(arrays: Mapping[str, Array], map: Array, convolve: Convolve) -> dict[str, Array]:
    """Return each stage's last map, batch norm computed apart."""

    def layer(map: Array, name: str, norm: str, stride: int = 1, groups: int = 1) -> Array:
        found = convolve(map, arrays[f"{name}.weight"].astype(np.float64), stride, groups)
        scale, shift, mean, variance = (
            arrays[f"{norm}.{each}"].astype(np.float64)[:, None, None]
            for each in ("weight", "bias", "running_mean", "running_var")
        )
        return (found - mean) / np.sqrt(variance + 1e-3) * scale + shift

    def six(map: Array) -> Array:
        return np.clip(map, 0, 6)

    map = six(layer(map, "_conv_stem", "_bn0", 2))
    maps, block = {}, 0
    for stage, (repeats, _, stage_stride, expansion, width) in enumerate(STAGES, 1):
        for repeat in range(repeats):
            stride, before, name = stage_stride if repeat == 0 else 1, map, f"_blocks.{block}."
            if expansion > 1:
                map = six(layer(map, f"{name}_expand_conv", f"{name}_bn0"))
            assert len(map) == expansion * len(before)
            map = six(layer(map, f"{name}_depthwise_conv", f"{name}_bn1", stride, len(map)))
            map = layer(map, f"{name}_project_conv", f"{name}_bn2")
            assert len(map) == width
            map = map + before if stride == 1 and len(before) == len(map) else map
            block += 1
        maps[f"stage{stage}"] = map
    return maps


@pytest.fixture(scope="module")
def blob() -> NDArray[np.float32]:
    rng = np.random.default_rng(5)
    return rng.uniform(-1, 1, (1, 3, SIDE, SIDE)).astype(np.float32)


def maps_of(engine: str, weights, blob, names=STAGE_NAMES) -> dict[str, Array]:
    model = write_efficientnet(weights, blob.shape[2], names)
    return dict(zip(names, start_engine(engine, model, names).maps(blob), strict=True))


@pytest.mark.parametrize("convolve", [plain, torchs])
@pytest.mark.parametrize("engine", ["opencv", "onnxruntime"])
def test_every_stage_agrees_with_a_slow_forward_pass(weights, blob, engine, convolve):
    if engine == "onnxruntime":
        pytest.importorskip(engine, reason="onnxruntime is not installed to compare with")
    expected = forward(weights, blob[0].astype(np.float64), convolve)
    found = maps_of(engine, weights, blob)
    for (name, values), stage in zip(expected.items(), STAGES, strict=True):
        assert found[name].shape == (1, *values.shape)
        assert values.shape[0] == stage.width
        np.testing.assert_allclose(found[name][0], values, atol=2e-4, err_msg=name)
        # A difference that small means something only where values are not small themselves.
        assert values.std() > 0.5


def test_outputs_come_in_the_order_asked_and_are_the_same_alone(weights, blob):
    names = ("stage7", "stage2", "stage5")
    together, whole = maps_of("opencv", weights, blob, names), maps_of("opencv", weights, blob)
    for name in names:
        np.testing.assert_allclose(together[name], whole[name], atol=1e-5)


def test_what_comes_after_the_last_stage_asked_is_left_out(weights):
    early, late = (write_efficientnet(weights, 64, (name,)) for name in ("stage2", "stage7"))
    assert len(early) < 0.02 * len(late)


@pytest.mark.parametrize(
    ("kernel", "stride", "pads"), [(3, 2, (0, 1)), (5, 2, (1, 2)), (3, 1, (1, 1)), (5, 1, (2, 2))]
)
def test_padding_is_tensorflows_for_even_sides(kernel, stride, pads):
    assert same_padding(kernel, stride) == pads


def test_a_folded_batch_norm_does_the_same():
    rng = np.random.default_rng(0)
    arrays = {"c.weight": rng.standard_normal((4, 3, 1, 1))}
    names = ("weight", "bias", "running_mean", "running_var")
    arrays |= {f"n.{name}": rng.uniform(0.5, 2, 4) for name in names}
    kernel, bias = folded(arrays, "c", "n")
    pixels = rng.standard_normal((3, 2, 2))
    before = plain(pixels, arrays["c.weight"], 1, 1) - arrays["n.running_mean"][:, None, None]
    spread = np.sqrt(arrays["n.running_var"] + 1e-3)[:, None, None]
    expected = before / spread * arrays["n.weight"][:, None, None]
    expected += arrays["n.bias"][:, None, None]
    np.testing.assert_allclose(plain(pixels, kernel, 1, 1) + bias[:, None, None], expected)
