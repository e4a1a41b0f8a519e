"""Gives every deed a key of its own, as a client does."""

import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, **kwargs):
    if case.method != "GET":
        case.headers = {**(case.headers or {}), "Idempotency-Key": uuid.uuid4().hex}
