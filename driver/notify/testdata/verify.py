"""Checks the signature of a webhook with nothing but Python's standard library.

verify.py SECRET HEADER NOW < BODY, where HEADER is what came as Sluice-Signature and NOW
the seconds since 1970. In a program of yours take the bytes as they came, before they are
parsed, and remember the ids of the last hours: a message can come twice.
"""
import hashlib
import hmac
import sys

TOLERANCE = 300  # seconds


def check(secret, header, body, now):
    fields = [part.strip().partition("=")[::2] for part in header.split(",")]
    times = [value for key, value in fields if key == "t"]
    if len(times) != 1 or not times[0].isdigit():
        return "no signature"
    if abs(now - int(times[0])) > TOLERANCE:
        return "too old or too new"
    want = hmac.new(secret, times[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    if any(key == "v1" and hmac.compare_digest(value.encode(), want.encode()) for key, value in fields):
        return None
    return "of another content or secret"


sys.exit(check(sys.argv[1].encode(), sys.argv[2], sys.stdin.buffer.read(), int(sys.argv[3])))
