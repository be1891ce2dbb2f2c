"""Samples, their annotations, and the classifying of new pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugins.classifiers.nyckel.answers import bare_id
from plugins.classifiers.nyckel.server.functions import MOST_A_PAGE, PAGE, FunctionCalls
from plugins.classifiers.nyckel.server.learner import BadPicture, Picture, read_picture, zero_shot
from plugins.classifiers.nyckel.server.limits import Counters
from plugins.classifiers.nyckel.server.requests import (
    Refusal,
    answer,
    flag_of,
    is_visible,
    number_of,
    page,
    read_json,
    text_of,
)
from plugins.classifiers.nyckel.server.settings import Settings
from plugins.classifiers.nyckel.server.store import Function, Label, Sample

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class SampleCalls:
    """What can be done with pictures of a function."""

    def __init__(self, functions: FunctionCalls, settings: Settings, counters: Counters) -> None:
        self._functions = functions
        self._settings = settings
        self._counters = counters

    async def list(self, request: Request) -> Response:
        """Answer GET …/samples, filtered and sorted by creation."""
        function = self._functions.function(request)
        external = request.query_params.get("externalId")
        wanted = {"annotated": flag_of(request, "annotated")}
        wanted["predicted"] = flag_of(request, "predicted")
        with function.lock:
            found = [
                each
                for each in function.samples.values()
                if is_visible(each.made_at, self._settings.visible_after_s)
                and (external is None or each.external_id == external)
                and wanted["annotated"] in (None, each.label is not None)
                and wanted["predicted"] in (None, each.prediction is not None)
            ]
            if request.query_params.get("sortOrder") == "descending":
                found.reverse()
            shown = [each.to_json(function.id) for each in found]
        return page(request, shown, PAGE, MOST_A_PAGE)

    async def create(self, request: Request) -> Response:
        """Answer POST …/samples."""
        function = self._functions.function(request)
        body = await read_json(request)
        picture = _picture(body)
        external = text_of(body, "externalId")
        sets = [each for each in body.get("sampleSets") or [] if isinstance(each, dict)]
        with function.lock:
            label = _annotation(function, body.get("annotation"))
            existing = function.duplicate(picture, external, self._settings.unique)
            if existing is not None:
                raise Refusal(
                    409, "There is such a sample.", existingSampleId=f"sample_{existing.id}"
                )
            sample = Sample(picture, external, label, sets)
            function.add(sample)
            self._counters.accepted[function.id, external or picture.digest] += 1
            return answer(sample.to_json(function.id))

    async def show(self, request: Request) -> Response:
        """Answer GET …/samples/{sample}."""
        function = self._functions.function(request)
        with function.lock:
            return answer(self._sample(function, request).to_json(function.id))

    async def picture(self, request: Request) -> Response:
        """Answer GET …/samples/{sample}/data: the picture itself."""
        from starlette.responses import Response

        function = self._functions.function(request)
        with function.lock:
            jpeg = self._sample(function, request).picture.jpeg
        return Response(jpeg, media_type="image/jpeg")

    async def delete(self, request: Request) -> Response:
        """Answer DELETE …/samples/{sample}."""
        function = self._functions.function(request)
        with function.lock:
            function.remove_sample(self._sample(function, request))
        return answer({})

    async def annotate(self, request: Request) -> Response:
        """Answer PUT …/samples/{sample}/annotation."""
        function = self._functions.function(request)
        body = await read_json(request)
        with function.lock:
            sample = self._sample(function, request)
            label = _annotation(function, body)
            function.annotate(sample, label)
            return answer(sample.to_json(function.id)["annotation"])

    async def clear_annotation(self, request: Request) -> Response:
        """Answer DELETE …/samples/{sample}/annotation."""
        function = self._functions.function(request)
        with function.lock:
            function.annotate(self._sample(function, request), None)
        return answer({})

    async def invoke(self, request: Request) -> Response:
        """Answer POST …/invoke: zero-shot until a model has been trained."""
        function = self._functions.function(request)
        if request.query_params.get("modelId"):
            raise Refusal(404, "There is no such model.")
        count = number_of(request, "labelCount", 0, 10_000)
        capture = flag_of(request, "capture") is not False
        picture = _picture(await read_json(request))
        with function.lock:
            labels = {each.name: each for each in function.labels.values()}
            learner = function.learner
            if capture:
                self._capture(function, picture, request.query_params.get("externalId"))
        if not labels:
            raise Refusal(400, "The function has no labels.")
        found = learner.confidences([picture])[0] if learner else zero_shot(picture, list(labels))
        self._counters.invoked[function.id, picture.digest] += 1
        return answer(_prediction(found, labels, count))

    def _capture(self, function: Function, picture: Picture, external: str | None) -> None:
        if function.duplicate(picture, external, self._settings.unique) is None:
            function.add(Sample(picture, external))

    def _sample(self, function: Function, request: Request) -> Sample:
        sample = function.samples.get(bare_id(request.path_params["sample"]))
        if sample is None or not is_visible(sample.made_at, self._settings.visible_after_s):
            raise Refusal(404, "There is no such sample.")
        return sample


def _picture(body: dict[str, Any]) -> Picture:
    try:
        return read_picture(body.get("data"))
    except BadPicture as bad:
        raise Refusal(400, f"{bad}.") from None


def _annotation(function: Function, annotation: object) -> Label | None:
    """Return the label that an annotation names."""
    if annotation is None:
        return None
    if not isinstance(annotation, dict):
        raise Refusal(400, "annotation must be an object.")
    identifier, name = text_of(annotation, "labelId"), text_of(annotation, "labelName")
    label = function.labels.get(bare_id(identifier or ""))
    if label is None and name:
        label = function.label_named(name)
    if label is None:
        raise Refusal(400, "The annotation names no label of this function.")
    return label


def _prediction(
    confidences: dict[str, float], labels: dict[str, Label], count: int
) -> dict[str, Any]:
    """Return an answer to invoke, with the confidences of the `count` likeliest labels."""
    ranked = sorted(confidences, key=lambda name: (-confidences[name], name))
    each = [
        {
            "labelName": name,
            "labelId": f"label_{labels[name].id}" if name in labels else "",
            "confidence": confidences[name],
        }
        for name in ranked
    ]
    return {**each[0], "labelConfidences": each[:count]} if count else each[0]
