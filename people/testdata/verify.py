"""Checks an exported audit log with nothing but Python's standard library."""
import hashlib
import json
import struct
import sys

TEXTS = ["who", "how", "and", "verb", "site", "tenant", "subject", "reason", "before", "after", "effects"]


def seal(last, row):
    h = hashlib.sha256(last + struct.pack(">qq", row["seq"], row["at_us"]))
    for name in TEXTS:
        text = row[name].encode()
        h.update(struct.pack(">q", len(text)) + text)
    return h.digest()


def check(lines):
    first = json.loads(lines[0])
    count, last = first["after"]["count"], bytes.fromhex(first["after"]["hash"])
    start = hashlib.sha256(b"sluice audit log 1\n" + first["installation"].encode()).digest()
    if first["audit"] != "sluice" or first["version"] != 1 or (count == 0 and last != start):
        return "broken at the first line"
    for line in lines[1:-1]:
        row = json.loads(line)
        if row["seq"] != count + 1 or seal(last, row).hex() != row["hash"]:
            return "broken at entry %d" % (count + 1)
        count, last = row["seq"], bytes.fromhex(row["hash"])
    if json.loads(lines[-1]) != {"end": {"count": count, "hash": last.hex()}}:
        return "broken at the end, after entry %d" % count
    print("%d entries hold" % count)
    return None


with open(sys.argv[1], encoding="utf-8", newline="\n") as f:
    sys.exit(check(f.read().rstrip("\n").split("\n")))
