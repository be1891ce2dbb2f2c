"""Networks that people bring: found, asked for, refused, and never a wrong number."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import ClassifierError, ParameterError, Pictures
from plugins.classifiers.transfer.graph_writing import GraphWriter
from plugins.classifiers.transfer.maps import map_layout
from plugins.classifiers.transfer.onnx_file import OnnxFile
from plugins.classifiers.transfer.plugin import Transfer
from plugins.classifiers.transfer.wire import Damaged, bytes_field, fields, number_field

SIDE = 16
GIVEN = {"range": 1.0, "mean": "0.5 0.25 0", "std": "0.5 0.25 1", "order": "rgb"}
MEAN, STD = np.array([0.5, 0.25, 0]), np.array([0.5, 0.25, 1])
SAME = {"stride": 1, "pads": (0, 0)}
ENGINES = ("opencv", "onnxruntime")


def passing_network(
    shape: tuple[int | str, ...] = (1, 3, SIDE, SIDE),
    outputs: tuple[str, ...] = ("same",),
    *,
    turned: bool = False,
) -> bytes:
    """Write a network whose layer "same" is its input, and "half" every other pixel of that.

    `turned` puts the channels of the input last.
    """
    writer, source = GraphWriter(), "picture"
    if turned:
        source = writer.step("Transpose", "first", [source], {"perm": [0, 3, 1, 2]})
    kernel, bias = np.eye(3)[:, :, None, None], np.zeros(3)
    same = writer.convolve("same", source, kernel, bias, stride=1, pads=(0, 0))
    writer.convolve("half", same, 2 * kernel, bias, stride=2, pads=(0, 0))
    if turned:
        writer.step("Transpose", "last", [same], {"perm": [0, 2, 3, 1]})
    return writer.model(("picture", shape), [(name, (1, 3, SIDE, SIDE)) for name in outputs])


@pytest.fixture
def network_file(tmp_path: Path) -> Callable[..., str]:
    """Write the passing network into a file; return its name."""

    def write(*args: Any, **kwargs: Any) -> str:
        file = tmp_path / "network.onnx"
        file.write_bytes(passing_network(*args, **kwargs))
        return str(file)

    return write


@pytest.fixture(params=ENGINES)
def engine(request) -> str:
    if request.param == "onnxruntime":
        pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    return str(request.param)


@pytest.fixture
def sized(noise) -> Pictures:
    """Pictures of the network's own size, so that no pixel changes."""
    return Pictures(noise.pixels[:3, :SIDE, :SIDE], noise.ids[:3])


def prepared(pictures: Pictures) -> np.ndarray:
    """Return what the network must see [shape=(clips, channels, rows, columns)]."""
    return ((pictures.pixels / 255 - MEAN) / STD).transpose(0, 3, 1, 2)


def test_features_are_those_of_the_prepared_picture(network_file, sized, engine):
    model = network_file()
    found = Transfer(model=model, layers="same@mean+maximum+rows", engine=engine, **GIVEN).features(
        sized
    )
    maps = prepared(sized)
    rows = [each.transpose(0, 2, 1).reshape(3, -1) for each in (maps.mean(3), maps.max(3))]
    expected = np.hstack([maps.mean(axis=(2, 3)), maps.max(axis=(2, 3)), *rows])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_layers_inside_are_had_by_name_in_the_order_asked(network_file, sized, engine):
    model = network_file()
    asked = Transfer(model=model, layers="half@maximum same@maximum", engine=engine, **GIVEN)
    maps = prepared(sized)
    expected = np.hstack([2 * maps[:, :, ::2, ::2].max(axis=(2, 3)), maps.max(axis=(2, 3))])
    np.testing.assert_allclose(asked.features(sized), expected, atol=1e-5)


def test_the_only_output_is_taken_where_no_layer_is_named(network_file, sized):
    one = Transfer(model=network_file(), **GIVEN).features(sized)
    named = Transfer(model=network_file(), layers="same@mean+maximum", **GIVEN).features(sized)
    np.testing.assert_array_equal(one, named)


def test_channels_last_and_their_order_are_minded(network_file, sized, engine):
    model = network_file((1, SIDE, SIDE, 3), ("last",), turned=True)
    asked = GIVEN | {"order": "bgr"}
    found = Transfer(model=model, layers="last@maximum", engine=engine, **asked).features(sized)
    turned = (sized.pixels[..., ::-1] / 255 - MEAN) / STD
    np.testing.assert_allclose(found, turned.max(axis=(1, 2)), atol=1e-5)


def test_an_open_size_and_batch_are_asked_for_and_taken(sized, tmp_path, engine):
    file = tmp_path / "open.onnx"
    file.write_bytes(passing_network(("batch", 3, "height", "width")))
    with pytest.raises(ParameterError, match=r"give size= \(pixels\)\.$"):
        Transfer(model=str(file), engine=engine, **GIVEN)
    found = Transfer(model=str(file), layers="same@maximum", size=SIDE, engine=engine, **GIVEN)
    np.testing.assert_allclose(found.features(sized), prepared(sized).max(axis=(2, 3)), atol=1e-5)


def test_a_json_beside_it_says_how_pictures_are_prepared(network_file, sized):
    model = network_file()
    by_hand = Transfer(model=model, **GIVEN).features(sized)
    said = {
        "do_rescale": True, "rescale_factor": 1 / 255,
        "image_mean": MEAN.tolist(), "image_std": STD.tolist(), "size": 99,
    }  # fmt: skip
    beside = Path(model).parent / "preprocessor_config.json"
    beside.write_text(json.dumps(said))
    found = Transfer(model=model)
    assert found.files() == (Path(model), beside)
    np.testing.assert_allclose(found.features(sized), by_hand, atol=1e-6)


@pytest.mark.parametrize("left_out", ["range", "mean", "std", "order"])
def test_what_nobody_says_is_asked_for_and_never_guessed(network_file, left_out):
    given = {name: value for name, value in GIVEN.items() if name != left_out}
    with pytest.raises(ParameterError, match=f"prepared for it; give {left_out}="):
        Transfer(model=network_file(), **given)


@pytest.mark.parametrize(
    ("shape", "given", "why"),
    [
        ((1, 4, SIDE, SIDE), {}, "is made for 1 x 4 x 16 x 16; pictures have three channels"),
        ((8, 3, SIDE, SIDE), {}, "takes 8 pictures at once"),
        ((1, 3, SIDE), {}, "is no batch of pictures"),
        ((1, 3, SIDE, SIDE), {"size": 32}, "takes pictures of 16 x 16 pixels and no others"),
        ((1, 3, SIDE, SIDE), {"layout": "nhwc"}, "made for 1 x 3 x 16 x 16, not for layout=nhwc"),
        ((1, 3, 4000, 4000), {}, "of 4000 x 4000 pixels; sides of 8 to 1024 are possible"),
        ((1, 3, SIDE, 3), {}, r"give size= .*, layout= \(nchw or nhwc\)\.$"),
        ((1, "a", "b", "c"), {"size": 32}, r"give layout= \(nchw or nhwc\)\.$"),
        ((1, 3, SIDE, SIDE), {"layers": "sane"}, "has no layer 'sane'; the nearest are 'same'"),
        ((1, 3, SIDE, SIDE), {"layers": "xyz"}, "no layer 'xyz'; its last are 'same', 'half'"),
        ((1, 3, SIDE, SIDE), {"layers": "picture"}, "has no layer 'picture'"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_runs(network_file, shape, given, why):
    with pytest.raises(ParameterError, match=why):
        Transfer(model=network_file(shape), **(GIVEN | given))


def test_of_several_outputs_one_must_be_chosen(network_file):
    with pytest.raises(ParameterError, match=r"puts out 'same', 'half'; choose with layers="):
        Transfer(model=network_file(outputs=("same", "half")), **GIVEN)


def test_inputs_that_the_layers_do_not_need_do_not_matter(tmp_path, sized):
    writer = GraphWriter()
    writer.step("Relu", "seen", ["picture"])
    writer.step("Add", "both", ["seen", "words"])
    content = writer.model(("picture", (1, 3, SIDE, SIDE)), [("both", (1, 3, SIDE, SIDE))])
    words = bytes_field(1, "words") + bytes_field(2, bytes_field(1, number_field(1, 1)))
    file = tmp_path / "two.onnx"
    file.write_bytes(with_graph_fields(content, bytes_field(11, words)))
    with pytest.raises(ParameterError, match="need these inputs: 'picture', 'words'"):
        Transfer(model=str(file), **GIVEN)
    found = Transfer(model=str(file), layers="seen@maximum", maps="nchw", **GIVEN).features(sized)
    np.testing.assert_allclose(found, prepared(sized).max(axis=(2, 3)).clip(0), atol=1e-5)


def with_graph_fields(content: bytes, more: bytes) -> bytes:
    """Put further fields into the graph of a model."""
    file = OnnxFile.read(content)
    start = sum(len(raw) for raw in file.head)
    (graph,) = [each for each in fields(memoryview(content)) if each.number == 7]
    return content[:start] + bytes_field(7, bytes(graph.content) + more)


@pytest.mark.parametrize(
    ("tensor", "why"),
    [
        (number_field(1, 9) + number_field(2, 1) + bytes_field(9, b"\0" * 8), "not all there"),
        (number_field(1, 2) + number_field(2, 1) + bytes_field(4, b"\0" * 4), "not all there"),
        (number_field(1, -1) + number_field(2, 1), "of the shape"),
        (number_field(1, 1) + number_field(2, 8) + bytes_field(6, "x"), "of the kind 8"),
        (number_field(1, 1) + number_field(2, 1) + number_field(14, 1), "in another file"),
        (
            number_field(1, 1) + number_field(2, 1)
            + bytes_field(13, bytes_field(1, "location") + bytes_field(2, "/etc/passwd")),
            "in another file",
        ),
    ],
)  # fmt: skip
def test_weights_that_are_elsewhere_or_not_all_there_are_refused(tensor, why, tmp_path):
    file = tmp_path / "hostile.onnx"
    for place in (bytes_field(5, tensor + bytes_field(8, "w")), _constant(tensor)):
        file.write_bytes(with_graph_fields(passing_network(), place))
        with pytest.raises(ParameterError, match=f"no ONNX network that can be used: .*{why}"):
            Transfer(model=str(file), **GIVEN)


def _constant(tensor: bytes) -> bytes:
    value = bytes_field(1, "value") + bytes_field(5, tensor) + number_field(20, 4)
    return bytes_field(1, bytes_field(2, "c") + bytes_field(4, "Constant") + bytes_field(5, value))


@pytest.mark.parametrize(
    ("settings", "why"),
    [({"stride": 0, "pads": (0, 0)}, "strides of 0, 0"), ({"stride": 1, "pads": (-9, 0)}, "pads")],
)
def test_steps_that_an_engine_would_divide_by_are_refused(settings, why, tmp_path):
    writer = GraphWriter()
    writer.convolve("same", "picture", np.ones((3, 3, 1, 1)), np.zeros(3), **settings)
    file = tmp_path / "hostile.onnx"
    file.write_bytes(writer.model(("picture", (1, 3, 8, 8)), [("same", (1, 3, 8, 8))]))
    with pytest.raises(ParameterError, match=f"a step 'Conv' has {why}"):
        Transfer(model=str(file), **GIVEN)


def test_blocks_of_no_pixels_are_refused(tmp_path):
    """OpenCV 5 divides by their side, and its process dies."""
    none = bytes_field(1, "blocksize") + number_field(3, 0) + number_field(20, 2)
    names = bytes_field(1, "picture") + bytes_field(2, "blocks") + bytes_field(4, "DepthToSpace")
    file = tmp_path / "hostile.onnx"
    node = bytes_field(1, names + bytes_field(5, none))
    file.write_bytes(with_graph_fields(passing_network(), node))
    with pytest.raises(ParameterError, match="a step 'DepthToSpace' has blocksize of 0"):
        Transfer(model=str(file), **GIVEN)


@pytest.mark.parametrize("between", [(), ("Relu",), ("MaxPool", "Sigmoid")])
@pytest.mark.parametrize("groups", [False, True])
def test_a_convolution_that_gets_other_channels_is_refused(between, groups, tmp_path):
    """OpenCV would compute something of it."""
    writer, source = GraphWriter(), "picture"
    source = writer.convolve("one", source, np.ones((4, 3, 1, 1)), np.zeros(4), **SAME)
    for kind in between:
        source = writer.step(kind, f"{kind}.out", [source], {"kernel_shape": [1, 1]})
    kernel = np.ones((5, 1, 1, 1)) if groups else np.ones((2, 5, 1, 1))
    writer.convolve("two", source, kernel, np.zeros(len(kernel)), **SAME)
    file = tmp_path / "hostile.onnx"
    file.write_bytes(writer.model(("picture", (1, 3, 8, 8)), [("two", (1, 2, 8, 8))]))
    with pytest.raises(ParameterError, match="gets 4 channels and has weights for 5"):
        Transfer(model=str(file), **GIVEN)


def test_graphs_too_deep_in_each_other_are_refused():
    node = bytes_field(4, "If")
    for _ in range(40):
        inner = bytes_field(1, "then") + bytes_field(6, bytes_field(1, node))
        node = bytes_field(4, "If") + bytes_field(5, inner)
    with pytest.raises(Damaged, match="deep in each other"):
        OnnxFile.read(bytes_field(7, bytes_field(1, node)))


WHOLE = passing_network()


@given(st.integers(0, len(WHOLE) - 1))
def test_a_truncated_file_is_refused(end):
    with pytest.raises(Damaged):
        OnnxFile.read(WHOLE[:end])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_refused_in_a_sentence(tmp_path, place, there):
    file = tmp_path / "damaged.onnx"
    file.write_bytes(WHOLE[:place] + there + WHOLE[place + len(there) :])
    os.utime(file, ns=(place, hash(there) % 2**40))
    said = ""
    try:
        Transfer(model=str(file), **GIVEN)
    except ParameterError as error:
        said = str(error)
    assert said.isprintable()


@pytest.mark.parametrize("content", [b"", b"not a network", b"PK\x03\x04", b"\x08\x07"])
def test_what_is_no_network_is_refused(content, tmp_path):
    file = tmp_path / "other.onnx"
    file.write_bytes(content)
    with pytest.raises(ParameterError, match="is no ONNX network that can be used"):
        Transfer(model=str(file), **GIVEN)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read: No such file"):
        Transfer(model=str(tmp_path / "gone.onnx"), **GIVEN)
    with pytest.raises(ParameterError, match="is no file"):
        Transfer(model=str(tmp_path), **GIVEN)


def test_what_an_engine_cannot_run_fails_in_a_sentence(tmp_path, sized, engine):
    writer = GraphWriter()
    writer.step("NoSuchStep", "same", ["picture"])
    file = tmp_path / "unknown.onnx"
    file.write_bytes(writer.model(("picture", (1, 3, 8, 8)), [("same", (1, 3, 8, 8))]))
    plugin = Transfer(model=str(file), engine=engine, **GIVEN)
    with pytest.raises(ClassifierError, match=f"{engine} cannot run .*unknown.onnx") as failed:
        plugin.features(sized)
    assert "\n" not in str(failed.value)


def test_maps_whose_axes_nothing_tells_are_asked_for(tmp_path, sized):
    writer = GraphWriter()
    writer.step("Softmax", "same", ["picture"])
    file = tmp_path / "turned.onnx"
    shape = (1, 3, SIDE, SIDE)
    file.write_bytes(writer.model(("picture", shape), [("same", shape)]))
    with pytest.raises(ClassifierError, match=r"give maps= \(nchw or nhwc\)"):
        Transfer(model=str(file), **GIVEN).features(sized)
    assert Transfer(model=str(file), maps="nchw", **GIVEN).features(sized).shape == (3, 6)


def test_a_file_that_changes_is_read_again(network_file, sized):
    before = Transfer(model=network_file(), layers="half", **GIVEN).features(sized)
    writer = GraphWriter()
    kernel = -np.eye(3)[:, :, None, None]
    writer.convolve("half", "picture", kernel, np.zeros(3), stride=1, pads=(0, 0))
    shape = (1, 3, SIDE, SIDE)
    model = network_file()
    Path(model).write_bytes(writer.model(("picture", shape), [("half", shape)]))
    after = Transfer(model=model, layers="half", **GIVEN).features(sized)
    assert not np.allclose(before, after)


def test_a_json_that_changes_is_read_again(network_file, sized):
    model = network_file()
    beside = Path(model).parent / "config.json"
    found = []
    for mean in (0.5, 0.25):
        said = {"input_size": [3, SIDE, SIDE], "mean": [mean] * 3, "std": [1, 1, 1]}
        beside.write_text(json.dumps({"pretrained_cfg": said}))
        found.append(Transfer(model=model, layers="same@mean").features(sized))
    np.testing.assert_allclose(found[1] - found[0], 0.25, atol=1e-5)


def test_values_that_are_no_numbers_fail_in_a_sentence(tmp_path, sized):
    writer = GraphWriter()
    writer.step("Sqrt", "same", ["picture"])
    file = tmp_path / "root.onnx"
    shape = (1, 3, SIDE, SIDE)
    file.write_bytes(writer.model(("picture", shape), [("same", shape)]))
    with pytest.raises(ClassifierError, match="not finite"):
        Transfer(model=str(file), maps="nchw", **(GIVEN | {"mean": "1"})).features(sized)


@pytest.mark.parametrize(
    ("steps", "layout"),
    [
        ([("Relu", {})], "nchw"),
        ([("Transpose", {"perm": [0, 2, 3, 1]})], "nhwc"),
        ([("Transpose", {"perm": [0, 2, 3, 1]}), ("Relu", {})], "nhwc"),
        ([("Transpose", {"perm": [0, 2, 3, 1]}), ("Transpose", {"perm": [0, 3, 1, 2]})], "nchw"),
        ([("Transpose", {"perm": [0, 3, 1, 2]})], None),
        ([("Transpose", {"perm": [0, 1, 3, 2]})], None),
        ([("Reshape", {})], None),
        ([("Reshape", {}), ("MaxPool", {"kernel_shape": [1, 1]})], "nchw"),
    ],
)
def test_axes_are_followed_back_to_a_step_that_is_known(steps, layout):
    writer, name = GraphWriter(), "picture"
    for number, (kind, attributes) in enumerate(steps):
        name = writer.step(kind, f"step{number}", [name], attributes)
    file = OnnxFile.read(writer.model(("picture", (1, 3, 8, 8)), [(name, (1,))]))
    assert map_layout(file, name, "nchw") == layout
