#!/usr/bin/env bash
# Lets asic-rs talk to the virtual machines; see devices.sh.
exec "$(dirname "$0")/devices.sh" asic_rs
