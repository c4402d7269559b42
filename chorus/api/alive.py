"""Whether the server on this machine serves, plain or over TLS: what a container asks itself.

``python -m chorus.api.alive [PORT]`` ends with 0 if it does.
"""

import http.client
import json
import ssl
import sys

PORT = 8501
PATIENCE_S = 4.0


def is_alive(port: int = PORT) -> bool:
    """Ask ``/health``; over TLS the certificate is not looked at, since it is for a name that others use."""
    itself = ssl.create_default_context()
    itself.check_hostname = False
    itself.verify_mode = ssl.CERT_NONE
    return _serves(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)) or _serves(
        http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE_S, context=itself)
    )


def _serves(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status == 200 and bool(json.loads(answer.read())["status"] == "ok")
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_alive(int(sys.argv[1]) if len(sys.argv) > 1 else PORT))
