"""Test vectors of docs/webhooks.md: the first is the Standard Webhooks specification's own."""

from __future__ import annotations

from typing import Any

VECTORS: list[dict[str, Any]] = [
    {
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "timestamp": 1614265330,
        "body": '{"test": 2432232314}',
        "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    {
        "secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "id": "0198c0de-0000-7000-8000-000000000000",
        "timestamp": 1772416800,
        "body": '{"type":"contract.signed","timestamp":"2026-03-02T10:00:00.000+08:00","data":{"title":"合同已签署"}}',
        "signature": "v1,wAuoyfoMPMT5fIWYZ/OglaGicEZhVN1lJCrKZqIqtPg=",
    },
]
