#!/usr/bin/env bash
# Lets pyasic, from PyPI and unchanged, identify, read, pause and resume the
# virtual machines of sluice world. It knows no other ports than the real ones,
# so ports from 80 on must be free to open and not taken.
#
# The Python environment goes to .venv/pyasic, which git ignores. PYTHON names
# the interpreter to make it with.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=.venv/pyasic

if ! cmp -s test/peers/pyasic.txt "$folder/ready"; then
  "${PYTHON:-python3}" -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement test/peers/pyasic.txt || {
    echo "peers: pyasic could not be installed: is PyPI reachable?" >&2
    exit 1
  }
  cp test/peers/pyasic.txt "$folder/ready"
fi

go build -o "$folder/sluice" ./cmd/sluice
"$folder/sluice" world --miners 16 --seed 7 --speed 1000 --network 127.7.0.0/16 --list \
  --families antminer=2,whatsminer=2,luxos=1,braiins=1,vnish=1,avalon=1 >"$folder/world" 2>"$folder/errors" &
world=$!
trap 'kill "$world" 2>/dev/null || true' EXIT
until grep -q '^ready' "$folder/world"; do
  kill -0 "$world" 2>/dev/null || {
    cat "$folder/errors" >&2
    echo "peers: the virtual machines could not open the ports of real ones: free them, and allow ports from 80 on (sysctl net.ipv4.ip_unprivileged_port_start=80)" >&2
    exit 1
  }
  sleep 0.1
done
"$folder/bin/python" test/peers/pyasic_devices.py "$folder/world"
