r"""Serves SavedModels as TF Serving does: REST, gRPC and an explorer page.

Every NAME/VERSION in the folder --models is served; new versions are loaded while the
server runs.

Example:
  python -m apps.serve --models=saved_models --port=8501 --grpc_port=8500
"""

import asyncio

from absl import flags
from absl import logging

from apps import arguments
from apps import cli

_MODELS = flags.DEFINE_string(
    "models", "saved_models", "Folder with NAME/VERSION/saved_model.pb."
)
_HOST = flags.DEFINE_string(
    "host", "127.0.0.1", "Address to listen on; 0.0.0.0: all addresses."
)
_PORT = flags.DEFINE_integer("port", 8501, "Port of REST; 0: any free one.", 0, 65535)
_GRPC_PORT = flags.DEFINE_integer(
    "grpc_port", None, "Port of gRPC; 0: any free one. Default: no gRPC.", 0, 65535
)
_KEEP_VERSIONS = flags.DEFINE_integer(
    "keep_versions", 1, "Number of the highest versions that are served.", 1
)
_POLL_SECONDS = flags.DEFINE_float(
    "poll_seconds",
    1.0,
    "Seconds between searches of --models for new versions.",
    0.01,
    upper_bound=86_400.0,
)
flags.DEFINE_integer("max_batch_size", 16, "Largest batch; 1: no batching.", 1)
flags.DEFINE_float(
    "batch_timeout",
    0.002,
    "Seconds that a request waits for others to join its batch.",
    0,
)
flags.DEFINE_integer(
    "max_queue", 128, "Requests that may wait; more are answered 503.", 1
)
flags.DEFINE_integer(
    "max_requests", 512, "Requests at a time; more are answered 429.", 1
)
flags.DEFINE_integer(
    "max_body", 16 * 2**20, "Bytes of a request; larger ones are answered 413.", 1
)
flags.DEFINE_integer(
    "max_rows", 256, "Largest first dimension of a request's inputs.", 1
)
flags.DEFINE_integer("max_points", 2**20, "Points that a request may evaluate.", 1)
flags.DEFINE_integer("max_pixels", 2**22, "Largest height times width in a request.", 1)
flags.DEFINE_float(
    "timeout",
    30.0,
    "Seconds after which a request is answered 504.",
    1e-3,
)
flags.DEFINE_float(
    "read_timeout", 10.0, "Seconds within which a client must send a request.", 1e-3
)
flags.DEFINE_integer("threads", 1, "Batches that TensorFlow runs at a time.", 1)
_GRACE = flags.DEFINE_float(
    "grace", 30.0, "Seconds that open requests may take when the server stops.", 0
)
_CORS = flags.DEFINE_list("cors", [], "Origins whose pages may read answers; *: all.")
_CONNECT = flags.DEFINE_list(
    "connect", [], "Origins of other servers that the explorer may ask."
)
_ALLOW_HOSTS = flags.DEFINE_list(
    "allow_hosts",
    [],
    "Host names of requests through a proxy, besides localhost, where --host is this "
    "machine alone; *: all.",
)
_TRUST_MODEL = cli.trust_flag()
_LOG_REQUESTS = flags.DEFINE_bool("log_requests", True, "Log every request.")


def main():
    from inr_keras.serving import preconditions

    preconditions.check_models(_MODELS.value)
    arguments.check_origins(_CORS.value, "cors", every=True)
    arguments.check_origins(_CONNECT.value, "connect")
    listener = preconditions.listen(_HOST.value, _PORT.value)

    from inr_keras.serving import limits
    from inr_keras.serving import monitoring
    from inr_keras.serving import server as servers

    server = servers.Server(
        _MODELS.value,
        cli.from_flags(limits.Limits),
        keep_versions=_KEEP_VERSIONS.value,
        trust_models=_TRUST_MODEL.value,
        poll_seconds=_POLL_SECONDS.value,
        grace=_GRACE.value,
        cors=_CORS.value,
        connect=_CONNECT.value,
        allow_hosts=_ALLOW_HOSTS.value,
        log_requests=_LOG_REQUESTS.value,
    )
    logging.get_absl_handler().setFormatter(monitoring.JsonFormatter())
    host, port = preconditions.address(listener)
    grpc_address = None
    if _GRPC_PORT.value is not None:
        grpc_address = f"{host}:{_GRPC_PORT.value}"

    def ready(grpc_port):
        names = ", ".join(server.registry.names())
        if not names:
            failures.append(f"no model of --models={_MODELS.value} can be loaded")
            return server.stop()
        too = f", gRPC on {host}:{grpc_port}" if grpc_port else ""
        print(f"serving {names} on http://{host}:{port}{too}", flush=True)

    failures = []
    ended = asyncio.run(server.run(listener, grpc_address, ready))
    if failures:
        raise cli.Failure(failures[0])
    if not ended:
        cli.leave(0)  # A call of TensorFlow that still runs would delay the exit.


if __name__ == "__main__":
    cli.run(main, flag_of={"address": "grpc_port"})
