#!/bin/sh
# Compares package solve with highspy and PyPSA. Run it from the repository root.
#
# Usage: test/peers/solve.sh [FOLDER]
#
# FOLDER holds the Python environment and is made where it is missing; the
# default is build/peers. PYTHON names the interpreter to make it with (3.11 or newer).
set -eu
folder=${1:-build/peers}
if ! [ -f "$folder/ready" ] || ! cmp -s test/peers/requirements.txt "$folder/ready"; then
	"${PYTHON:-python3}" -m venv "$folder"
	"$folder/bin/pip" install --quiet --requirement test/peers/requirements.txt
	cp test/peers/requirements.txt "$folder/ready"
fi
python=$(cd "$folder/bin" && pwd)/python
SLUICE_PEERS_PYTHON=$python exec go test ./test/oracle -run TestPeersAgree -count=1 -v
