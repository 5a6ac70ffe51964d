"""Server of TF Serving's REST interface, and of the pages beside it."""

import asyncio
import pathlib
import re
import time

from starlette import applications
from starlette import exceptions
from starlette import requests
from starlette import responses
from starlette import routing
from starlette import staticfiles
from starlette.middleware import Middleware
from starlette.middleware import cors as starlette_cors

from inr_keras.serving import json_tensors
from inr_keras.serving import monitoring
from inr_keras.serving import origin_guard
from inr_keras.serving import proto_messages
from inr_keras.serving import status_codes

EXPLORER = pathlib.Path(__file__).with_name("explorer")
_VERSION = r"(?:/versions/(\d{1,19})|/labels/([^/:]+))?"
_PREDICT = re.compile(
    rf"/v1/models/([^/:]+){_VERSION}:(classify|regress|predict)",
    re.IGNORECASE | re.ASCII,
)
_STATUS = re.compile(
    rf"/v1/models(?:/([^/:]+))?{_VERSION}(?:/(metadata))?",
    re.IGNORECASE | re.ASCII,
)
# Multiples of the largest body: the part of a too large one that is still read, so
# that its client receives the answer, and the sum of all that are being read.
_DISCARDED = 4
_HELD = 16
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
        self._limits = limits
        self._metrics = metrics
        self._held = 0  # Bytes in memory of bodies that are still being read.

    async def __call__(self, request):
        started = time.monotonic()
        path = request.url.path[:200]
        log_entry = {"model": "", "api": "other", "path": path}
        code = "OK"
        try:
            response = await self._answer(request, log_entry)
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

    async def _answer(self, request, log_entry):
        path = request.url.path
        if request.method == "POST" and (match := _PREDICT.fullmatch(path)):
            name, version, label, method = match.groups()
            version = _version(version, label)
            if method.lower() != "predict":
                raise status_codes.ServingError(
                    "UNIMPLEMENTED", f"signatures of {method} are not served"
                )
            return await self._predict(request, name, version, log_entry)
        if request.method == "GET" and (match := _STATUS.fullmatch(path)):
            name, version, label, metadata = match.groups()
            if not name:
                raise status_codes.invalid("Missing model name in request.")
            version = _version(version, label)
            return self._describe(name, version, metadata, log_entry)
        if not path.lower().startswith("/v1/"):
            raise status_codes.ServingError("NOT_FOUND", "Not Found")
        raise status_codes.invalid(
            f"Malformed request: {request.method} {ascii(path)[1:-1][:200]}"
        )

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
            body = await self._read(request)
            with json_tensors.without_collection():
                document = json_tensors.parse_body(body)
                del body
                signature = servable.signature(document["signature_name"])
                log_entry["signature"] = signature.name
                inputs = json_tensors.inputs_of(document, signature)
                rows = "instances" in document
                del document
            outputs = await _while_connected(
                request, self._batcher.run(servable, signature, inputs)
            )
            content = json_tensors.answer(outputs, rows)
        return responses.Response(content, media_type="application/json")

    async def _read(self, request):
        """Reads the body, within the limits of size and time."""
        if request.headers.get("content-encoding", "identity") != "identity":
            raise status_codes.ServingError(
                "INVALID_ARGUMENT",
                "Content-Encoding must be absent or identity",
                415,
            )
        try:
            return await asyncio.wait_for(
                self._read_parts(request), self._limits.read_timeout
            )
        except (TimeoutError, asyncio.TimeoutError):
            self._metrics.rejected.labels("slow").inc()
            raise status_codes.ServingError(
                "DEADLINE_EXCEEDED",
                "the request's body did not arrive within "
                f"{self._limits.read_timeout:g} seconds",
                408,
            ) from None

    async def _read_parts(self, request):
        limit, size, held, parts = self._limits.max_body, 0, 0, []
        content_length = request.headers.get("content-length", "0")
        # The client has not begun to send, or would not receive the answer anyway.
        early = limit if "expect" in request.headers else _DISCARDED * limit
        if int(content_length) > early:
            raise self._too_large()
        try:
            async for part in request.stream():
                size += len(part)
                if size > _DISCARDED * limit:
                    break
                if size > limit:
                    parts.clear()
                    self._held -= held
                    held = 0
                    continue
                held += len(part)
                self._held += len(part)
                if self._held > _HELD * limit:
                    self._metrics.rejected.labels("bodies").inc()
                    raise status_codes.ServingError(
                        "RESOURCE_EXHAUSTED",
                        f"more than {_HELD * limit} bytes of requests at once",
                    )
                parts.append(part)
            if size > limit:
                raise self._too_large()
            return b"".join(parts)
        finally:
            self._held -= held
            parts.clear()  # An error's traceback would keep them.

    def _too_large(self):
        self._metrics.rejected.labels("body").inc()
        return status_codes.ServingError(
            "INVALID_ARGUMENT",
            f"the request's body must be at most {self._limits.max_body} bytes",
            413,
        )


async def _disconnection(request):
    """Waits until a client, whose body has been read, disconnects."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _while_connected(request, work):
    """Awaits `work`, but cancels it once the client has disconnected."""
    work = asyncio.ensure_future(work)
    disconnection = asyncio.ensure_future(_disconnection(request))
    try:
        await asyncio.wait({work, disconnection}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise requests.ClientDisconnect()
        return work.result()
    finally:
        disconnection.cancel()
        work.cancel()
        # The request must leave the queue before its model is released.
        await asyncio.gather(disconnection, work, return_exceptions=True)


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


def make_app(registry, batcher, limits, metrics, cors=(), connect=(), hosts=()):
    """Creates the ASGI application.

    Args:
        registry: `Registry`.
        batcher: `Batcher`.
        limits: `Limits`.
        metrics: `Metrics`.
        cors: Sequence of str. Origins whose pages may read answers; `*` for
            all. Defaults to none.
        connect: Sequence of str. Origins that the explorer may ask.
        hosts: See `OriginGuard`.
    """

    async def page(request):
        content, kind = metrics.page()
        return responses.Response(content, headers={"Content-Type": kind})

    async def health(request):
        names = registry.names()
        return responses.JSONResponse(
            {"status": "ok" if names else "no model", "models": names},
            200 if names else 503,
        )

    async def models(request):
        return responses.JSONResponse({"models": registry.names()})

    async def to_explorer(request):
        return responses.RedirectResponse("/explore/")

    explorer = staticfiles.StaticFiles(directory=EXPLORER, html=True)
    handler = Handler(registry, batcher, limits, metrics)
    routes = [
        routing.Route("/", to_explorer),
        routing.Route("/explore", to_explorer),
        routing.Route(_HEALTH, health),
        routing.Route(monitoring.PATH, page),
        routing.Route("/explore/models.json", models),
        routing.Mount("/explore", explorer),
        routing.Route("/{path:path}", _Endpoint(handler)),
    ]
    middleware = [
        Middleware(Guard, limits, metrics, connect),
        Middleware(origin_guard.OriginGuard, hosts, cors),
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


def _version(version, label):
    if label:
        raise status_codes.invalid(
            f"Unrecognized servable version label: {ascii(label)[1:-1][:100]}"
        )
    return int(version) if version else None
