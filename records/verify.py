"""核验一份合同档案：python3 99-verify.py 档案.zip（不给文件名时核验本脚本所在的文件夹）。

不连数据库，不用平台。核对每件的 SM3，并逐条重算存证链。只用 Python 标准库；OpenSSL 没有 SM3 时用 cryptography。
"""

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Reader = Callable[[str], bytes]


def sm3(data: bytes) -> str:
    """SM3 (GB/T 32905) as 64 hex digits."""
    try:
        return hashlib.new("sm3", data).hexdigest()
    except ValueError:
        from cryptography.hazmat.primitives.hashes import SM3, Hash  # noqa: PLC0415 - only where OpenSSL lacks it

        hasher = Hash(SM3())
        hasher.update(data)
        return hasher.finalize().hex()


def canonical(value: Any) -> bytes:
    """The bytes that a record's hash covers."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def faults(read: Reader) -> list[str]:
    """Everything that is not as the index says; empty when all is well."""
    index = json.loads(read("00-index.json"))
    found = []
    for part in index["parts"]:
        if part["state"] != "ok":
            found.append(f"{part['path']}：制作档案时已{part['state_text']}")
            continue
        try:
            if sm3(read(part["path"])) != part["sm3"]:
                found.append(f"{part['path']}：SM3 不符")
        except (KeyError, OSError):
            found.append(f"{part['path']}：不在档案中")
    for chain in index["chains"]:
        found += [f"{chain['path']}：{fault}" for fault in broken(read, chain)]
    return found


def broken(read: Reader, chain: dict[str, Any]) -> list[str]:
    """What is wrong with one chain: the first bad record, or an end that is not the row's."""
    previous, seq = "", 0
    for line in read(chain["path"]).decode().splitlines():
        record = json.loads(line)
        seq += 1
        if record["body"]["seq"] != seq or record["previous"] != previous:
            return [f"第{seq}条接不上前一条"]
        if sm3(previous.encode() + b"\n" + canonical(record["body"])) != record["hash"]:
            return [f"第{seq}条被改动"]
        previous = record["hash"]
    return [] if (seq, previous) == (chain["records"], chain["head"]) else ["链首与登记不符"]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    """0 when the archive is whole, 1 with every fault named."""
    if len(sys.argv) > 1:
        path = Path(sys.argv[1])
        say(f"档案 SM3：{sm3(path.read_bytes())}（可与平台的下载记录核对）")
        found = faults(zipfile.ZipFile(path).read)
    else:
        found = faults(lambda name: (Path(__file__).parent / name).read_bytes())
    for fault in found:
        say(fault)
    say("核验通过" if not found else f"发现{len(found)}处问题")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
