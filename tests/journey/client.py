"""What a caller of the platform has: an address, a token, and the versions of the rows it has seen."""

from __future__ import annotations

import http.client
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

PASSWORD = "Journey-of-2026-xyz"
PDF = b"%PDF-1.7\n%%EOF\n"


class Failure(Exception):
    """The journey did not go as the regulation says; the message is a Chinese sentence."""


def expect(found: object, wanted: object, what: str) -> None:
    """`found` is `wanted`, or the journey ends with a sentence that shows both."""
    if found != wanted:
        raise Failure(f"{what}：应为{wanted}，实为{found}。")


@dataclass(frozen=True)
class Answer:
    """What the platform said."""

    status: int
    headers: dict[str, str]
    body: Any


class Api:
    """One connection to the platform. `versions` holds the latest version seen of every row, by id."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._numbers = itertools.count(1)
        self.versions: dict[str, int] = {}
        self.requests = 0

    def call(
        self, method: str, path: str, *, token: str = "", body: bytes | None = None, kind: str = "", key: str = ""
    ) -> Answer:
        """One request under /api/v1/. Raises Failure for a 5xx: the platform must never answer with one."""
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Token {token}"
        if method == "POST":
            headers |= {"Content-Type": kind or "application/json", "Idempotency-Key": key or self.key()}
        self._connection.request(method, f"/api/v1/{path}", body=body, headers=headers)
        answer = self._connection.getresponse()
        raw = answer.read()
        self.requests += 1
        if answer.status >= 500:
            raise Failure(f"{method} {path} 返回了 {answer.status}：{raw.decode()[:300]}。")
        read = json.loads(raw) if raw else None
        if answer.status < 300:
            self._learn(read)
        return Answer(answer.status, dict(answer.getheaders()), read)

    def key(self) -> str:
        """A new Idempotency-Key."""
        return f"journey-{next(self._numbers)}"

    def _learn(self, body: Any) -> None:
        if isinstance(body, dict):
            if "id" in body and "version" in body:
                self.versions[body["id"]] = body["version"]
            for value in body.values():
                self._learn(value)
        elif isinstance(body, list):
            for value in body:
                self._learn(value)


class Caller:
    """A person with a token (nobody when without a name)."""

    def __init__(self, api: Api, username: str = "") -> None:
        self.api, self.username = api, username
        self._token, self._until = "", datetime(2000, 1, 1, tzinfo=UTC)

    def get(self, path: str) -> Any:
        """What stands at the address. Raises Failure for a refusal."""
        return self._well("GET", path, self.api.call("GET", path, token=self.token()))

    def pages(self, path: str) -> list[Any]:
        """Every row of a list, page after page."""
        rows, address = [], f"{path}?page_size=200"
        while address:
            page = self.get(address)
            rows += page["results"]
            address = (page["next"] or "").partition("/api/v1/")[2]
        return rows

    def post(self, path: str, key: str = "", **body: Any) -> Any:
        """A moving POST with an Idempotency-Key. Raises Failure for a refusal."""
        return self._well("POST", path, self.try_post(path, key, **body))

    def try_post(self, path: str, key: str = "", **body: Any) -> Answer:
        """A moving POST that may be refused."""
        raw = json.dumps(body, ensure_ascii=False, default=str).encode()
        return self.api.call("POST", path, token=self.token(), body=raw, key=key)

    def act(self, room: str, row: str, act: str, **body: Any) -> Any:
        """An act on an existing row, with the version last seen of it."""
        return self.post(f"{room}/{row}/{act}/", **{"version": self.api.versions[row], **body})

    def refused(self, code: str, path: str, /, **body: Any) -> dict[str, Any]:
        """The platform refuses with this code and says why in Chinese. Returns the details."""
        answer = self.try_post(path, **body)
        found = answer.body.get("code") if answer.status >= 400 else answer.status
        expect(found, code, f"{path} 应被拒绝")
        if not answer.body["message"].strip():
            raise Failure(f"{path} 被拒绝（{code}）而没有说明。")
        details: dict[str, Any] = answer.body["details"]
        return details

    def upload(self, path: str, name: str, content: bytes, **fields: str) -> Any:
        """A file with its fields as multipart/form-data."""
        boundary = "journey-boundary-7f3a"
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}' for k, v in fields.items()]
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
        body = "\r\n".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        answer = self.api.call("POST", path, token=self.token(), body=body, kind=kind)
        return self._well("POST", path, answer)

    def paper(self, purpose: str) -> str:
        """The id of a small PDF, different from every other."""
        return str(self.upload("files/", "paper.pdf", PDF + f"% {self.api.key()}\n".encode(), purpose=purpose)["id"])

    def token(self) -> str:
        """A token that is good for at least another day; "" for nobody."""
        if self.username and datetime.now(UTC) > self._until - timedelta(days=1):
            body = json.dumps({"username": self.username, "password": PASSWORD}).encode()
            answer = self._well("POST", "auth/tokens/", self.api.call("POST", "auth/tokens/", body=body))
            self._token, self._until = answer["token"], datetime.fromisoformat(answer["expires_at"])
        return self._token

    def _well(self, method: str, path: str, answer: Answer) -> Any:
        if answer.status >= 300:
            who = self.username or "公众"
            said = json.dumps(answer.body, ensure_ascii=False)[:600]
            raise Failure(f"{who} {method} {path} 被拒绝（{answer.status}）：{said}。")
        return answer.body
