from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from harness import ParameterError
from plugins.classifiers.transfer.preparation import (
    Found,
    Preparation,
    files_beside,
    missing,
    parse_triple,
    read_beside,
)

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LITE = Preparation((128, 128), 255.0, (127.0,) * 3, (128.0,) * 3, "rgb", "nchw")
TRANSFORMERS = {
    "do_resize": True,
    "size": {"shortest_edge": 256},
    "do_center_crop": True,
    "crop_size": {"height": 224, "width": 224},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": list(IMAGENET[0]),
    "image_std": list(IMAGENET[1]),
}
TIMM = {
    "architecture": "some_net",
    "pretrained_cfg": {
        "input_size": [3, 192, 256],
        "mean": list(IMAGENET[0]),
        "std": list(IMAGENET[1]),
    },
}


def pictures(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(rows).integers(0, 256, (rows, columns, 3), dtype=np.uint8)


def test_at_its_own_size_the_blob_is_opencvs():
    picture = pictures(128, 128)
    expected = cv2.dnn.blobFromImage(picture, 1 / 128, (128, 128), (127, 127, 127))
    np.testing.assert_array_equal(LITE.blob(picture), expected)


def test_a_larger_picture_is_shrunk_by_areas():
    tiles = pictures(128, 128)
    large = tiles.repeat(2, axis=0).repeat(3, axis=1)
    np.testing.assert_allclose(LITE.blob(large), LITE.blob(tiles), atol=1e-6)


def test_a_smaller_picture_is_stretched():
    flat = np.full((20, 30, 3), (127, 255, 0), np.uint8)
    found = LITE.blob(flat)
    assert found.shape == (1, 3, 128, 128)
    expected = np.array([0, 1, -127 / 128])[:, None, None]
    np.testing.assert_allclose(found[0], np.tile(expected, (1, 128, 128)), atol=1e-6)


@pytest.mark.parametrize("order", ["rgb", "bgr"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_channels_and_axes_are_where_they_belong(order, layout):
    picture = pictures(8, 12)
    found = Preparation((8, 12), 1.0, *IMAGENET, order, layout).blob(picture)
    turned = picture[:, :, ::-1] if order == "bgr" else picture
    expected = (turned / 255 - IMAGENET[0]) / IMAGENET[1]
    expected = expected.transpose(2, 0, 1) if layout == "nchw" else expected
    np.testing.assert_allclose(found[0], expected, atol=1e-6)
    assert found.flags.c_contiguous


def written(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in files.items():
        text = said if isinstance(said, str) else json.dumps(said)
        (folder / f"{name}.json").write_text(text)
    return folder / "model.onnx"


def test_a_preprocessor_config_is_read(tmp_path):
    found = read_beside(written(tmp_path, preprocessor_config=TRANSFORMERS))
    assert found == Found((224, 224), pytest.approx(1.0), *IMAGENET, "rgb")


def test_a_timm_config_is_read(tmp_path):
    found = read_beside(written(tmp_path, config=TIMM))
    assert found == Found((192, 256), 1.0, *IMAGENET, "rgb")


def test_another_config_says_nothing(tmp_path):
    assert (
        read_beside(written(tmp_path, config={"model_type": "vit", "image_size": 518})) == Found()
    )


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"do_center_crop": False}, {"size": (256, 256)}),
        ({"do_center_crop": False, "size": 96}, {"size": (96, 96)}),
        ({"do_center_crop": False, "size": {"height": 64, "width": 96}}, {"size": (64, 96)}),
        ({"do_rescale": False}, {"range": 255.0}),
        ({"rescale_factor": 1 / 127.5, "rescale_offset": True}, {"range": None}),
        ({"rescale_factor": None}, {"range": None}),
        ({"do_normalize": False}, {"mean": (0, 0, 0), "std": (1, 1, 1)}),
        ({"do_flip_channel_order": True}, {"order": "bgr"}),
        ({"image_mean": None}, {"mean": None}),
    ],
)
def test_each_word_of_a_preprocessor_config_counts(changed, expected, tmp_path):
    found = read_beside(written(tmp_path, preprocessor_config=TRANSFORMERS | changed))
    for name, value in expected.items():
        assert getattr(found, name) == value


def test_a_folder_called_onnx_has_its_json_one_up(tmp_path):
    written(tmp_path, preprocessor_config=TRANSFORMERS)
    model = written(tmp_path / "onnx")
    assert files_beside(model) == (tmp_path / "preprocessor_config.json",)
    assert read_beside(model).size == (224, 224)
    assert read_beside(written(tmp_path / "other")) == Found()


@pytest.mark.parametrize(
    "said",
    [
        "{",
        "[1]",
        "[" * 100_000,
        TRANSFORMERS | {"image_std": [0, 1, 1]},
        TRANSFORMERS | {"image_std": [1, 1]},
        TRANSFORMERS | {"image_mean": "grey"},
        TRANSFORMERS | {"crop_size": 100_000},
        TRANSFORMERS | {"crop_size": {"height": "x", "width": 3}},
        TRANSFORMERS | {"rescale_factor": "x"},
        TRANSFORMERS | {"rescale_factor": -1},
        '{"image_mean": [NaN, 1, 1], "image_std": [1, 1, 1]}',
        " " * (2**20 + 1),
    ],
)
def test_a_damaged_json_is_named(said, tmp_path):
    model = written(tmp_path, preprocessor_config=said)
    with pytest.raises(ParameterError, match=r"preprocessor_config\.json cannot be used"):
        read_beside(model)


def test_what_one_says_the_other_does_not_change():
    one = Found(size=(8, 8), order="bgr")
    assert one.filled(Found((9, 9), 1.0, *IMAGENET, "rgb")) == Found((8, 8), 1.0, *IMAGENET, "bgr")


def test_what_nobody_says_is_listed():
    names = [words.partition("=")[0] for words in missing(Found(range=1.0), None)]
    assert names == ["size", "mean", "std", "order", "layout"]


@pytest.mark.parametrize(
    ("text", "values"), [("1 2 3", (1, 2, 3)), ("0.5", (0.5,) * 3), ("1,2.5, 3", (1, 2.5, 3))]
)
def test_three_numbers_are_read(text, values):
    assert parse_triple(text, "mean") == values


@pytest.mark.parametrize(
    ("text", "name"),
    [("1 2", "mean"), ("a b c", "mean"), ("", "std"), ("1 0 1", "std"), ("nan", "mean")],
)
def test_what_are_no_three_numbers_is_refused(text, name):
    with pytest.raises(ParameterError, match=f"{name}='0.5 0.5 0.5'"):
        parse_triple(text, name)
