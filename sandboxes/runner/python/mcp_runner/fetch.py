"""`fetch` for programs of a session with egress: plain HTTP over the host's proxy, which is all that the box can reach.

It decides nothing: what the proxy refuses is an `OSError`. `https:` is not there, because the box holds no certificates
to trust a server by. Redirects are not followed.
"""

import asyncio
import builtins
import json
import os
import re

#: The proxy's socket, in the folder of the runner's channel.
SOCKET = "egress.sock"


class Response:
    """An answer, read whole. Names of headers are in small letters."""

    def __init__(self, status, headers, body):
        self.status = status
        self.ok = 200 <= status < 300
        self.headers = headers
        self.body = body

    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


Response.__module__ = "builtins"


def install_fetch(channel):
    """Nothing where the session has no egress. `channel`: as the runner was given it."""
    proxy = os.path.join(os.path.dirname(channel), SOCKET)
    if not channel.startswith("/") or not os.path.exists(proxy):
        return

    async def fetch(url, *, method="GET", headers=None, body=None):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, _request, proxy, str(url), method, dict(headers or {}), body)

    builtins.fetch = fetch


def _request(proxy, url, method, headers, body):
    # Loaded late, because it takes time.
    import http.client
    import socket
    from urllib.parse import urlsplit

    class Connection(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(proxy)

    parts = urlsplit(url)
    if parts.scheme != "http":
        raise OSError(f"fetch failed: {parts.scheme}: is not plain HTTP")
    connection = Connection(parts.netloc)
    try:
        target = parts._replace(path=parts.path or "/", fragment="").geturl()
        data = body.encode() if isinstance(body, str) else body
        connection.request(method, target, data, {"Host": parts.netloc, **headers})
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OSError("fetch failed") from error
    finally:
        connection.close()
    # What the proxy itself says (RFC 9209); it passes on no such header of anybody else's.
    said = answer.getheader("proxy-status")
    if said is not None:
        details = re.search(r'details="([^"]*)"', said)
        why = details[1] if details else "refused"
        raise OSError("fetch failed" if why == "failed" else f"fetch failed: {why}")
    return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)
