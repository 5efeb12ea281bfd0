"""What the container's HEALTHCHECK runs: exit code 0 if `/readyz` answers 200, else 1.

It reads HARMO_HOST and HARMO_PORT as the service does; a port that stands in a flag or a file
only is not known here. A console is asked for another path: its only argument. One socket and no
HTTP library: it runs every ten seconds.
"""

import os
import socket
import sys

LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - none is bound
REQUEST = "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def main() -> int:
    """Print what the service says, or why nothing does: engines keep it with the verdict."""
    host = os.environ.get("HARMO_HOST", "127.0.0.1")
    port = int(os.environ.get("HARMO_PORT", "8000"))
    request = REQUEST.format(*sys.argv[1:] or ["/readyz"])
    try:
        with socket.create_connection((LOOPBACK.get(host, host), port), timeout=4) as connection:
            connection.sendall(request.encode())
            head, _, body = connection.makefile("rb").read(4096).partition(b"\r\n\r\n")
    except OSError as error:
        sys.stdout.write(f"{host}:{port}: {error}\n")
        return 1
    sys.stdout.write(body.decode("utf-8", "replace") + "\n")
    return 0 if head.startswith(b"HTTP/1.1 200 ") else 1


if __name__ == "__main__":
    sys.exit(main())
