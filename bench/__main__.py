"""`make bench`: how fast money is held, beside what PostgreSQL alone can do in the same minutes on the same machine.

QUICK=1 takes less than a minute. ROUNDS=n, SECONDS=x: other lengths. PostgreSQL runs with full durability; its
data lie in memory and every flush of the log takes 200 µs, as on a local disk, because a shared disk swings too
much to compare runs. FLUSH_US=2000: like a cloud volume. FLUSH_US=0: a real disk, that of BENCH_DIR (/var/tmp).
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

from bench import server


def main() -> None:
    started = time.monotonic()
    flush_us = int(os.environ.get("FLUSH_US", "200"))
    with server.running(flush_us) as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "bench.settings", "VOUCHER_ENV": "development"}
        for line in server.described(url, flush_us):
            print(line)
        from bench.report import measure  # noqa: PLC0415 - reads the settings, which need DATABASE_URL

        result: dict[str, Any] = measure(url, quick=os.environ.get("QUICK", "") not in ("", "0"))
    result["seconds"] = round(time.monotonic() - started)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
