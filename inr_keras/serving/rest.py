"""Server of TF Serving's REST interface, and of the pages beside it."""

import asyncio
import re
import time
import urllib.parse

from starlette import applications
from starlette import exceptions
from starlette import requests
from starlette import responses
from starlette import routing
from starlette import staticfiles
from starlette.middleware import Middleware
from starlette.middleware import cors as starlette_cors

from inr_keras.explorer import pages
from inr_keras.serving import api_description
from inr_keras.serving import body_reader
from inr_keras.serving import json_tensors
from inr_keras.serving import monitoring
from inr_keras.serving import origin_guard
from inr_keras.serving import proto_messages
from inr_keras.serving import status_codes

_VERSION = r"(?:/versions/(\d{1,19})|/labels/([^/:]+))?"
_PREDICT = re.compile(
    rf"/v1/models/([^/:]+){_VERSION}:(classify|regress|predict)",
    re.IGNORECASE | re.ASCII,
)
_STATUS = re.compile(
    rf"/v1/models(?:/([^/:]+))?{_VERSION}(?:/(metadata))?",
    re.IGNORECASE | re.ASCII,
)
_LARGE = 2**14  # Numbers of an answer that becomes text on a thread.
_HEALTH = "/healthz"


class Handler:
    """Handler of requests of `/v1`.

    Args:
        registry: `Registry`.
        batcher: `Batcher`.
        limits: `Limits`.
        metrics: `Metrics`.
    """

    def __init__(self, registry, batcher, limits, metrics):
        self._registry = registry
        self._batcher = batcher
        self._metrics = metrics
        self._bodies = body_reader.BodyReader(limits, metrics)

    def close(self):
        """Ends the process that a handler starts."""
        self._bodies.close()

    async def __call__(self, request):
        started = time.monotonic()
        path = request.scope["raw_path"].decode("latin-1")
        log_entry = {"model": "", "api": "other", "path": path[:200]}
        code = "OK"
        try:
            response = await self._answer(request, path, log_entry)
        except status_codes.ServingError as error:
            code, log_entry["error"] = error.code, error.message
            response = _error(error.message, error.http_status)
        except requests.ClientDisconnect:
            code, response = "CANCELLED", _error("client disconnected", 499)
        except Exception as error:
            self._metrics.failed(error)
            code, response = "INTERNAL", _error("internal error", 500)
        self._metrics.answered("REST", started, code, log_entry)
        return response

    async def _answer(self, request, path, log_entry):
        malformed = status_codes.invalid(
            f"Malformed request: {request.method} {status_codes.quoted(path)}"
        )
        if request.method == "POST" and (match := _PREDICT.fullmatch(path)):
            name, version, label, method = match.groups()
            name, version = _name(name, malformed), _version(version, label)
            if method.lower() != "predict":
                raise status_codes.ServingError(
                    "UNIMPLEMENTED", f"signatures of {method} are not served"
                )
            return await self._predict(request, name, version, log_entry)
        if request.method == "GET" and (match := _STATUS.fullmatch(path)):
            name, version, label, metadata = match.groups()
            if not name:
                raise status_codes.invalid("Missing model name in request.")
            name, version = _name(name, malformed), _version(version, label)
            return self._describe(name, version, metadata, log_entry)
        if not path.lower().startswith("/v1/"):
            raise status_codes.ServingError("NOT_FOUND", "Not Found")
        raise malformed

    def _describe(self, name, version, metadata, log_entry):
        if metadata:
            with self._registry.use(name, version) as servable:
                log_entry.update(model=name, api="GetModelMetadata")
                document = proto_messages.metadata_document(servable)
        else:
            response = proto_messages.model_status(self._registry, name, version)
            log_entry.update(model=name, api="GetModelStatus")
            document = proto_messages.document(response)
        return responses.JSONResponse(document)

    async def _predict(self, request, name, version, log_entry):
        with self._registry.use(name, version) as servable:
            log_entry.update(model=name, api="Predict", version=servable.version)
            body = await self._bodies.read(request, servable.input_names)
            signature = servable.signature(body.signature_name)
            log_entry["signature"] = signature.name
            if body.rows and not body.columns:
                return _json(b'{"predictions":[]}')
            inputs = json_tensors.inputs_of(body.columns, signature)
            outputs = await body_reader.while_connected(
                request, self._batcher.run(servable, signature, inputs)
            )
            if sum(v.size for v in outputs.values()) <= _LARGE:
                return _json(json_tensors.answer(outputs, body.rows))
            work = asyncio.to_thread(json_tensors.answer, outputs, body.rows)
            return _json(await work)


class Guard:
    """ASGI middleware that adds security headers and bounds the number of requests.

    Args:
        app: ASGI application.
        limits: `Limits`.
        metrics: `Metrics`.
        connect: Sequence of str. Origins beside its own that the explorer may
            ask.
    """

    def __init__(self, app, limits, metrics, connect=()):
        self._app = app
        self._limits = limits
        self._metrics = metrics
        self._active = 0
        sources = " ".join(["'self'", *connect])
        policy = (
            "default-src 'self'; img-src 'self' data: blob:; "
            f"connect-src {sources}; "
            "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        self._headers = [
            (b"content-security-policy", policy.encode("ascii")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def send_guarded(message):
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), *self._headers]
                if message["status"] in (408, 413, 415, 429, 503):
                    headers.append((b"connection", b"close"))
                if message["status"] in (429, 503):
                    headers.append((b"retry-after", b"1"))
                message = {**message, "headers": headers}
            await send(message)

        if scope["path"] in (_HEALTH, monitoring.PATH):  # Answered under load, too.
            return await self._app(scope, receive, send_guarded)
        if self._active >= self._limits.max_requests:
            self._metrics.rejected.labels("requests").inc()
            response = _error(
                f"more than {self._limits.max_requests} requests at once", 429
            )
            return await response(scope, receive, send_guarded)
        self._active += 1
        try:
            await self._app(scope, receive, send_guarded)
        finally:
            self._active -= 1


def make_app(handler, registry, limits, metrics, cors=(), connect=(), **guard):
    """Creates the ASGI application.

    Args:
        handler: `Handler` of the same registry.
        registry: `Registry`.
        limits: `Limits`.
        metrics: `Metrics`.
        cors: Sequence of str. Origins whose pages may read answers; `*` for
            all. Defaults to none.
        connect: Sequence of str. Origins that the explorer may ask.
        **guard: `hosts` and `names` of `OriginGuard`.
    """

    async def page(request):
        content, kind = metrics.page()
        return responses.Response(content, headers={"Content-Type": kind})

    async def health(request):
        state = registry.state
        return responses.JSONResponse(
            {"status": state, "models": registry.names()}, 200 if state == "ok" else 503
        )

    async def models(request):
        return responses.JSONResponse({"models": registry.names()})

    async def openapi(request):
        return responses.JSONResponse(api_description.document(registry))

    async def docs(request):
        return responses.HTMLResponse(api_description.page(registry))

    async def to_explorer(request):
        return responses.RedirectResponse("/explore/")

    explorer = staticfiles.StaticFiles(directory=pages.FOLDER, html=True)
    routes = [
        routing.Route("/", to_explorer),
        routing.Route("/explore", to_explorer),
        routing.Route(_HEALTH, health),
        routing.Route(monitoring.PATH, page),
        routing.Route("/explore/models.json", models),
        routing.Route("/openapi.json", openapi),
        routing.Route("/docs", docs),
        routing.Mount("/explore", explorer),
        routing.Route("/{path:path}", _Endpoint(handler)),
    ]
    middleware = [
        Middleware(Guard, limits, metrics, connect),
        Middleware(origin_guard.OriginGuard, origins=cors, **guard),
    ]
    if cors:
        middleware.insert(
            0,  # Outermost: pages may read refusals, too.
            Middleware(
                starlette_cors.CORSMiddleware,
                allow_origins=list(cors),
                allow_methods=["GET", "POST"],
                allow_headers=["Content-Type"],
                expose_headers=["Retry-After"],
            ),
        )
    return applications.Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={exceptions.HTTPException: _http_error},
    )


class _Endpoint:
    """ASGI endpoint of every method; Starlette limits functions to GET and HEAD."""

    def __init__(self, handler):
        self._handler = handler

    async def __call__(self, scope, receive, send):
        response = await self._handler(requests.Request(scope, receive))
        await response(scope, receive, send)


def _http_error(request, error):
    return _error(error.detail, error.status_code)


def _error(message, status):
    return responses.JSONResponse({"error": message}, status)


def _json(content):
    return responses.Response(content, media_type="application/json")


def _name(text, malformed):
    """Name of a model, any of a folder, from its part of an address."""
    name = urllib.parse.unquote(text)
    if "/" in name:
        raise malformed
    return name


def _version(version, label):
    if label:
        raise status_codes.unknown_label(label)
    return int(version) if version else None
