#!/usr/bin/env bash
# Lets schemathesis ask the control room of a demonstration for everything that its own
# description says, and for much that it does not: no answer may be a fault of the server,
# and none may differ from the description.
#
#   test/peers/room.sh [SECONDS]
#
# The Python environment goes to .venv/room, which git ignores.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=.venv/room
if ! cmp -s test/peers/room.txt "$folder/ready"; then
  "${PYTHON:-python3}" -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement test/peers/room.txt || {
    echo "peers: the packages of test/peers/room.txt could not be installed: is PyPI reachable?" >&2
    exit 1
  }
  cp test/peers/room.txt "$folder/ready"
fi
program=${SLUICE:-bin/sluice}
"$program" demo --listen 127.0.0.1:0 --miners 12 --port-offset 35000 >"$folder/said" 2>"$folder/errors" &
demo=$!
trap 'kill -INT "$demo" 2>/dev/null || true; wait "$demo" 2>/dev/null || true' EXIT
until url=$(grep -o 'http://[0-9.:]*' "$folder/said"); do
  kill -0 "$demo" || { cat "$folder/errors" >&2; exit 1; }
  sleep 0.2
done
# key prints a key for one deed
key() { head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
curl -sf -c "$folder/cookie" -X POST "$url/v1/demo/anna" >/dev/null
token=$(curl -sf -b "$folder/cookie" -X POST -H "Idempotency-Key: $(key)" -H 'Content-Type: application/json' \
  -d '{"label":"schemathesis","scope":[{"role":"admin"},{"role":"dispatcher"},{"role":"engineer"},{"role":"finance"}]}' "$url/v1/tokens" |
  "$folder/bin/python" -c 'import json,sys; print(json.load(sys.stdin)["text"])')
sleep 20 # the sites are found, and turn once
# One worker: with two, Python 3.11 now and then fails to parse in two threads at once (CPython issue 106905).
SCHEMATHESIS_HOOKS=test/peers/room_hooks.py PYTHONPATH=. "$folder/bin/schemathesis" run "$url/v1/openapi.json" --url "$url" \
  --header "Authorization: Bearer $token" --max-time "${1:-120}" --workers 1 --continue-on-failure --warnings off \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
  --exclude-operation-id listen --exclude-operation-id exportAudit --no-color
