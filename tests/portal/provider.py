"""Run a small OpenID Connect provider on this machine, which checks what a real one checks."""

import base64
import hashlib
import json
import secrets
import threading
import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT, SECRET = "portal", "secret-of-the-portal"


class Provider:
    """A provider whose people sign in without being asked.

    Parameters
    ----------
    claims
        What it says of whoever signs in, beyond what every token has; it wins over that.
    """

    def __init__(self, **claims: Any) -> None:
        self.claims = claims
        #: What its description says otherwise.
        self.metadata: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signing_key, self.algorithm = self.key, "RS256"
        self._codes: dict[str, dict[str, str]] = {}
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def sign_in(self, query: str) -> str:
        """Let the person of this provider in; return the query with which a browser goes back."""
        fields = {name: values[0] for name, values in parse_qs(query).items()}
        assert fields["response_type"] == "code"
        assert fields["client_id"] == CLIENT
        assert fields["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(fields["scope"].split())
        code = secrets.token_urlsafe(16)
        self._codes[code] = fields
        return urlencode({"code": code, "state": fields["state"]})

    def _answer(self, environ: dict[str, Any], start: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        pages = {
            "/.well-known/openid-configuration": self._describe,
            "/keys": lambda _: Response(json.dumps(KeySet([self.key]).as_dict(private=False))),
            "/token": self._give_token,
        }
        answer = pages[request.path](request)
        answer.mimetype = "application/json"
        return answer(environ, start)

    def _describe(self, request: Request) -> Response:
        """Return the description that OpenID Connect Discovery asks for."""
        del request
        return Response(
            json.dumps(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                    "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                }
                | self.metadata
            )
        )

    def _give_token(self, request: Request) -> Response:
        """Return the token for a code, once, to the client that asked for it."""
        asked = self._codes.pop(request.form.get("code", ""), None)
        verifier = request.form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        account = request.authorization
        is_client = account is not None and (account.username, account.password) == (CLIENT, SECRET)
        if (
            asked is None
            or not is_client
            or asked["code_challenge"] != challenge.decode()
            or asked["redirect_uri"] != request.form.get("redirect_uri")
        ):
            return Response('{"error": "invalid_grant"}', 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        } | self.claims
        header = {"alg": self.algorithm, "kid": "one"}
        token = jwt.encode(header, claims, self.signing_key, algorithms=[self.algorithm])
        body = {"access_token": "x", "token_type": "Bearer", "id_token": token, "expires_in": 300}
        return Response(json.dumps(body))
