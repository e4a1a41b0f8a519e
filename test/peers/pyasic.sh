#!/usr/bin/env bash
# Lets pyasic talk to the virtual machines; see devices.sh.
exec "$(dirname "$0")/devices.sh" pyasic
