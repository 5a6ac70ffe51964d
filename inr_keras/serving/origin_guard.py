"""Guard against requests that pages of other sites make a browser send.

Through a browser on the same machine, any page can reach a server that listens only on
this machine: a page can post without reading the answer, and a page whose host name is
made to point at 127.0.0.1 (DNS rebinding) can also read it.
"""

from starlette import datastructures
from starlette import responses

from inr_keras import client
from inr_keras.serving import status_codes


class OriginGuard:
    """ASGI middleware that refuses requests of other sites' pages, with 403.

    Requests of pages are recognized by the header `Sec-Fetch-Site`, which current
    browsers send to servers on their machine and through HTTPS, and which a page cannot
    change. If it is missing, an `Origin` must be the server itself: its `Host` or one
    of its names. Clients other than browsers send neither header and no foreign `Host`.

    Args:
        app: ASGI application.
        hosts: Sequence of str. Host names that requests may use, besides those of this
            machine; empty: any.
        origins: Sequence of str. Origins whose pages may send requests; `*` for all.
        names: Sequence of str. Host names in the addresses of the server's own pages,
            which a proxy may hide from it.
    """

    def __init__(self, app, hosts=(), origins=(), names=()):
        self._app = app
        self._hosts = {host.lower() for host in hosts}
        self._origins = set(origins)
        self._names = {name.lower() for name in names}

    async def __call__(self, scope, receive, send):
        reason = None
        if scope["type"] == "http":
            reason = self._refusal(scope["method"], scope)
        if reason is None:
            return await self._app(scope, receive, send)
        response = responses.JSONResponse({"error": reason}, 403)
        await response(scope, receive, send)

    def _refusal(self, method, scope):
        headers = datastructures.Headers(scope=scope)
        host = _name(headers.get("host", "localhost"))  # HTTP/1.0 names none.
        if self._hosts and not (host in self._hosts or client.is_loopback(host)):
            return (
                "this server is not asked by the name "
                f"{status_codes.quoted(host, 100)}; `allow_hosts` may name it"
            )
        origin = headers.get("origin", "null")
        if method != "POST" or self._origins & {origin, "*"}:
            return None
        if "sec-fetch-site" in headers:
            own = headers["sec-fetch-site"] in ("same-origin", "none")
        else:
            own = "origin" not in headers or self._is_own(origin, headers)
        if own:
            return None
        return (
            "pages of other sites may not ask; `cors` may name "
            f"{status_codes.quoted(origin, 100)}"
        )

    def _is_own(self, origin, headers):
        place = origin.partition("://")[2].lower()
        asked = headers.get("host", "").strip().lower()
        return bool(place) and (place == asked or _name(place) in self._names)


def _name(host):
    """Host without its port, in lower case: `::1` of `[::1]:8501`."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
