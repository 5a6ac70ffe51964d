"""A small TF Serving of procedural images, with the explorer's page."""

import asyncio
import base64
import contextlib
import io
import json
import threading
import time

import numpy as np
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from inr_keras.explorer import pages

LAYERS = 6
CLASSES = ("waves", "rings")
METADATA = {
    "kind": "ProceduralGenerator",
    "style_layers": LAYERS,
    "channels": 3,
    "resolution": 64,
    "alignment": "center",
    "coord_dim": 2,
    "video_length": 0,
    "class_names": CLASSES,
    "trained": {"region": [-1.0, -1.0, 1.0, 1.0], "spacing": 2 / 64},
    "limits": {"max_side": 512},
    "attribution": "Waves and rings, drawn by the tests (https://example.org/rings).",
}
# What each model has in place of the above.
MODELS = {
    "images": {},
    "corner": {"alignment": "corner", "class_names": ()},
    "large": {"resolution": 1024, "class_names": ()},
    "plain": {"class_names": ()},
    "film": {"video_length": 16, "coord_dim": 3},
}
SIGNATURES = {
    "images": {
        "metadata",
        "render_region",
        "render_styles",
        "style_mix",
        "generate_png",
    },
    "plain": {"metadata", "render_region"},
    "film": {"metadata"},
}
SIGNATURES["corner"] = SIGNATURES["large"] = SIGNATURES["images"]


class FakeServing:
    """The server, its requests, and the failures that are asked of it."""

    def __init__(self):
        self.requests = []  # (model, body) of each predict.
        self.failures = []  # Statuses of the next predicts.
        self.broken = False  # Answer everything with 500.
        self.delay = 0.0  # Seconds before each answer of a predict.
        self.versions = ["1"]  # Of each model, the latest first.
        self.states = {}  # Of those versions that are not available.
        self.versions_asked = []  # By predicts.
        self.cancelled = 0  # Predicts whose client hung up meanwhile.
        routes = [
            Route("/v1/models/{name}", self.status),
            Route("/v1/models/{name}/metadata", self.describe),
            Route("/v1/models/{name}/versions/{version}/metadata", self.describe),
            Route("/v1/models/{name}:predict", self.predict, methods=["POST"]),
            Route(
                "/v1/models/{name}/versions/{version:int}:predict",
                self.predict,
                methods=["POST"],
            ),
            Route("/explore/models.json", self.models),
            Mount("/explore", StaticFiles(directory=pages.FOLDER, html=True)),
        ]
        self.app = Starlette(routes=routes)

    @contextlib.contextmanager
    def running(self):
        """Yields the address."""
        config = uvicorn.Config(self.app, port=0, log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()

    def asked(self, signature):
        """Bodies of the predicts of one signature."""
        return [
            body for _, body in self.requests if body["signature_name"] == signature
        ]

    def boxes(self, name):
        """Boxes of the regions that were asked of a model."""
        return [
            np.array(body["inputs"]["box"])
            for model, body in self.requests
            if model == name and body["signature_name"] == "render_region"
        ]

    async def models(self, request):
        return JSONResponse({"models": list(MODELS)})

    async def status(self, request):
        if self._missing(request):
            return self._not_found(request)
        entries = []
        for version in self.versions:
            state = self.states.get(version, "AVAILABLE")
            message = "no weights" if state == "END" else ""
            status = {"error_message": message}
            entries.append({"version": version, "state": state, "status": status})
        return JSONResponse({"model_version_status": entries})

    async def describe(self, request):
        if self._missing(request):
            return self._not_found(request)
        named = dict.fromkeys(SIGNATURES[request.path_params["name"]], {})
        return JSONResponse({"metadata": {"signature_def": {"signature_def": named}}})

    async def predict(self, request):
        if self._missing(request):
            return self._not_found(request)
        if self.broken:
            return JSONResponse({"error": "out of paint"}, 500)
        if self.failures:
            return JSONResponse({"error": "full"}, self.failures.pop())
        name = request.path_params["name"]
        body = json.loads(await request.body())
        self.requests.append((name, body))
        self.versions_asked.append(str(request.path_params["version"]))
        start = time.monotonic()
        while time.monotonic() < start + self.delay:
            if await request.is_disconnected():
                self.cancelled += 1
                return JSONResponse({"error": "cancelled"}, 499)
            await asyncio.sleep(0.02)
        if "instances" in body:
            frame = {"box": [-1, -1, 1, 1], "height": 64, "width": 64}
            images = []
            for row in body["instances"]:
                styles = styles_of(row["seeds"] if "seeds" in row else row["seed"], row)
                row = {**frame, **row}
                pixels = draw(styles, row["box"], row["height"], row["width"])
                images.append(_png(pixels))
            return JSONResponse({"predictions": images})
        outputs = self._outputs(name, body["signature_name"], body["inputs"])
        return JSONResponse({"outputs": outputs})

    def _outputs(self, name, signature, inputs):
        if signature == "metadata":
            return [json.dumps({**METADATA, "name": name, **MODELS[name]})]
        if signature == "style_mix":
            amount = np.array(inputs["amount"])[..., None]
            labels = (inputs.get(name, [0]) for name in ("label", "other_label"))
            first, second = (
                styles_of(seeds[0], {**inputs, "label": label})
                for seeds, label in zip(
                    (inputs["seeds"], inputs["other_seeds"]), labels
                )
            )
            return (first + amount * (second - first)).tolist()
        if signature == "render_region":
            styles = styles_of(inputs["seed"], inputs)
        else:
            styles = np.array(inputs["styles"])
        alignment = {**METADATA, **MODELS[name]}["alignment"]
        sizes = inputs["height"], inputs["width"]
        return _png(draw(styles, inputs["box"], *sizes, alignment))

    def _missing(self, request):
        version = str(request.path_params.get("version", self.versions[0]))
        return request.path_params["name"] not in MODELS or (
            version not in self.versions
        )

    def _not_found(self, request):
        name = request.path_params["name"]
        return JSONResponse({"error": f"Servable not found: {name}"}, 404)


def styles_of(seed, inputs):
    """A row of three numbers for each layer."""
    truncation = np.ravel(inputs["truncation"])[0]
    rows = np.random.default_rng(seed).normal(size=(LAYERS, 3)) * truncation
    rows[:, 2] += 3 * np.ravel(inputs.get("label", 0))[0]
    return rows


def draw(styles, box, height, width, alignment="center"):
    """Ripples, finer from layer to layer: uint8 `(height, width, 3)`."""
    x0, y0, x1, y1 = box
    if alignment == "corner":
        x, y = np.linspace(x0, x1, width), np.linspace(y0, y1, height)
    else:
        x = x0 + (np.arange(width) + 0.5) / width * (x1 - x0)
        y = y0 + (np.arange(height) + 0.5) / height * (y1 - y0)
    return colours(styles, x, y[:, None])


def colours(styles, x, y):
    """Ripples at points: uint8 `(..., 3)`."""
    rgb = np.zeros((*np.broadcast_shapes(x.shape, y.shape), 3), "float32")
    for layer, (a, b, c) in enumerate(styles):
        phase = 2**layer * (a * x + (b + 0.2 * c * x) * y) + c
        hue = np.cos(c + layer + np.array([0.0, 2.1, 4.2]))
        rgb += np.sin(phase)[..., None] * hue / (layer + 1)
    return np.clip(128 + 70 * rgb, 0, 255).astype("uint8")


def _png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return {"b64": base64.b64encode(buffer.getvalue()).decode()}
