"""Two or three commands a verb, as its help shows them; nothing here is slow to import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

EXAMPLES: Mapping[str, Sequence[str]] = {
    "run": (
        "sightbench run",
        "sightbench run recordings -r mel -c pca-svm",
        'sightbench run -r "mel[n_mels=32,64]+noise-removed" --dry-run',
    ),
    "search": (
        "sightbench search -c pca-svm --cells 60",
        "sightbench search recordings -r mel -c pca-svm --minutes 30 --splits 5",
        "sightbench search -c pca-svm --cells 60 --among mel --among pcen --dry-run",
    ),
    "show": (
        "sightbench show",
        "sightbench show --ranked --gains",
        "sightbench show whales --format markdown > table.md",
    ),
    "compare": (
        "sightbench compare before after",
        "sightbench compare mel/pca-svm noise-removed/pca-svm",
        "sightbench compare mel/pca-svm mel/hog-svm --judge events",
        "sightbench compare before after --fail-on-regression",
    ),
    "disagree": (
        "sightbench disagree mel/pca-svm noise-removed/pca-svm",
        "sightbench disagree mel/pca-svm mel/majority --pictures clips",
    ),
    "mistakes": (
        "sightbench mistakes",
        "sightbench mistakes mel/pca-svm --list 20 --pictures clips",
    ),
    "report": (
        "sightbench report --open",
        "sightbench report whales --all -o whales.html",
        "sightbench report whales birds digits -o all.html",
    ),
    "keep": (
        "sightbench keep -o whale.sight",
        "sightbench keep mel/pca-svm -o whale.sight",
        "sightbench keep --training-side -o heard.sight",
    ),
    "inspect": ("sightbench inspect whale.sight", "sightbench inspect whale.sight --format json"),
    "apply": (
        "sightbench apply whale.sight recordings -o detections",
        "sightbench apply whale.sight recordings --threshold 0.9 --sheet 12",
        "sightbench apply whale.sight a.flac b.flac --write raven,audacity,parquet",
    ),
    "list": (
        "sightbench list",
        "sightbench list representations",
        "sightbench list --plugin my_filter.py --format json",
    ),
    "export-pictures": (
        "sightbench export-pictures pictures recordings -r mel",
        "sightbench export-pictures pictures recordings -r mel --kind jpeg --folds 3",
    ),
    "render": (
        "sightbench render -r mel -r spectrogram+noise-removed",
        "sightbench render -d labelled-folder --path recordings --count 12",
        "sightbench render --clip up-0003 --kind jpeg -o pictures",
    ),
    "split": (
        "sightbench split make split.json -d labelled-folder --path recordings",
        "sightbench split show split.json",
    ),
    "split make": (
        "sightbench split make split.json -d labelled-folder --path recordings",
        'sightbench split make split.json --split "stratified[holdout=0.3]"',
    ),
    "split show": ("sightbench split show split.json",),
    "split verify": ("sightbench split verify split.json -d labelled-folder --path recordings",),
    "cache": ("sightbench cache show", "sightbench cache clear --yes"),
    "cache show": ("sightbench cache show",),
    "cache clear": ("sightbench cache clear", "sightbench cache clear --yes"),
    "new": (
        "sightbench new representation my-picture",
        "sightbench new improvement my-filter --package",
    ),
    "check": (
        "sightbench check my_filter.py",
        "sightbench check mel --all",
        'sightbench check "labelled-folder[path=clips.zip]"',
    ),
    "runs": (
        "sightbench runs",
        "sightbench runs remove whales/2024-05-01-1a2b3c4d:5e6f7a8b",
        "sightbench runs merge other-machine/results",
    ),
    "runs remove": ("sightbench runs remove whales/2024-05-01-1a2b3c4d:5e6f7a8b",),
    "runs merge": ("sightbench runs merge other-machine/results",),
}
"""By the words after ``sightbench``."""
