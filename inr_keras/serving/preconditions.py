"""Checks and the socket of a server, before TensorFlow is imported."""

import pathlib
import socket


def check_models(models):
    """Refuses a folder without a single version of a model.

    Args:
        models: str or path. Folder of `NAME/VERSION/saved_model.pb`.

    Raises:
        ValueError: It is not a folder, or holds no models.
    """
    folder = pathlib.Path(models)
    if not folder.is_dir():
        raise ValueError(
            f"`models` must be an existing folder. Received: {str(models)!r}"
        )
    if _versions(folder, "*/*"):
        return
    above = folder.absolute().parent
    if _versions(folder, "*"):  # The folder of one model.
        advice = f": give the folder above, {above}"
    elif (folder / "saved_model.pb").is_file():  # Of a version.
        advice = f": give the folder above that of the model, {above.parent}"
    else:
        advice = ", VERSION a whole number"
    raise ValueError(
        f"`models` must hold NAME/VERSION/saved_model.pb{advice}. "
        f"Received: {str(models)!r}"
    )


def _versions(folder, pattern):
    files = folder.glob(f"{pattern}/saved_model.pb")
    return any(file.parent.name.isdecimal() for file in files)


def listen(host, port):
    """Reserves an address for a server; clients cannot connect to it yet.

    Args:
        host: str. Address to listen on.
        port: int. 0: any.

    Raises:
        ValueError: The address is taken or unknown.
    """
    try:
        family = socket.getaddrinfo(host, port)[0][0]
        # Not `create_server`, which lets clients connect before anybody answers.
        listener = socket.socket(family)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
        except BaseException:
            listener.close()
            raise
        return listener
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ValueError(
            f"`host` and `port` must be free to listen on: {reason}. "
            f"Received: {host}:{port}"
        ) from error


def address(listener):
    """Host and port of a socket; an IPv6 host is in brackets."""
    host, port = listener.getsockname()[:2]
    return (f"[{host}]" if ":" in host else host), port
