"""Runs one cell in a process of its own, to be killed: run_cell.py CELL.npz FOLDER URL TABLE.

With a fifth word, the cell runs in a worker process that outlives this one.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from harness import Features, Job
from plugins.classifiers.nyckel.plugin import Nyckel


def encode(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def main(cell: str, folder: str, url: str, table: str) -> None:
    data = np.load(cell)
    train, holdout = tuple(map(str, data["train_ids"])), tuple(map(str, data["holdout_ids"]))
    contents = dict(zip(map(str, data["contents_ids"]), map(str, data["contents"]), strict=True))
    job = Job("killed cell", Path(folder), encode, contents, lambda *_: None)
    classifier = Nyckel(server=url, requests_per_second=40, poll_s=0.05, backoff_s=0.01)
    fitted = classifier.fit(Features(data["train"], train), data["labels"], job)
    answers = fitted.predict(Features(data["holdout"], holdout))
    held_out = fitted.cross_validated()
    written = {
        "holdout": [answers.labels, np.round(answers.scores, 9).tolist()],
        "cv": [held_out.labels, np.round(held_out.scores, 9).tolist()],
        "costs": {
            "paid_calls": fitted.costs().paid_calls,
            "perhaps_paid": fitted.costs().details["perhaps_paid"],
        },
    }
    Path(table).write_text(json.dumps(written))


if __name__ == "__main__":
    if len(sys.argv) > 5:
        worker = multiprocessing.get_context("spawn").Process(target=main, args=sys.argv[1:5])
        worker.start()
        worker.join()
        sys.exit(worker.exitcode)
    main(*sys.argv[1:])
