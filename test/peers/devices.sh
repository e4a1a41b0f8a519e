#!/usr/bin/env bash
# Lets a program from PyPI, unchanged, identify, read, pause and resume the
# virtual machines of sluice world, and then ones that lie, as a control.
# Peers know no other ports than the real ones, so ports from 80 on must be free
# to open and not taken.
#
#   test/peers/devices.sh pyasic|asic_rs
#
# The Python environment goes to .venv/NAME, which git ignores, with the versions
# of test/peers/NAME.txt. PYTHON names the interpreter to make it with, and
# SLUICE_PEERS_NETWORK where the machines stand (127.7.0.0/16).
set -euo pipefail
cd "$(dirname "$0")/../.."
peer=${1:?give pyasic or asic_rs}
folder=.venv/$peer
network=${SLUICE_PEERS_NETWORK:-127.7.0.0/16}

if ! cmp -s "test/peers/$peer.txt" "$folder/ready"; then
  "${PYTHON:-python3}" -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "test/peers/$peer.txt" || {
    echo "peers: the packages of test/peers/$peer.txt could not be installed: is PyPI reachable?" >&2
    exit 1
  }
  cp "test/peers/$peer.txt" "$folder/ready"
fi

go build -o "$folder/sluice" ./cmd/sluice
echo "antminer,root,root" >"$folder/keys.csv" # its own default; readings of the others need none
world=
trap '[ -z "$world" ] || kill "$world" 2>/dev/null || true' EXIT

# judge WORD FLAG...: judges a world made with the flags.
judge() {
  local word=$1
  shift
  : >"$folder/world"
  "$folder/sluice" world --miners 24 --seed 7 --speed 1000 --network "$network" --list \
    --families antminer=2,whatsminer=2,luxos=1,braiins=1,vnish=1,avalon=1,epic=1 "$@" >"$folder/world" 2>"$folder/errors" &
  world=$!
  until grep -q '^ready' "$folder/world"; do
    kill -0 "$world" 2>/dev/null || {
      cat "$folder/errors" >&2
      echo "peers: the virtual machines could not open the ports of real ones: free them, and allow ports from 80 on (sysctl net.ipv4.ip_unprivileged_port_start=80)" >&2
      exit 1
    }
    sleep 0.1
  done
  "$folder/bin/python" "test/peers/${peer}_devices.py" "$folder/sluice" "$folder/keys.csv" "$folder/world" "$word"
  kill "$world"
  wait "$world" 2>/dev/null || true
  world=
}

echo "$(sed -n 's/^[^#].*==/&/p' "test/peers/$peer.txt"):"
judge honest
judge lying --liars 1000
