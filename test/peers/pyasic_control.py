"""Lets pyasic order many virtual machines to pause, all at once.

Called by `go run ./internal/bench control` with a list of machines that a world
serves. What pyasic must know of a machine before it can order (its class) is
found before the clock starts, as the drivers of Sluice are opened before. Prints
one line of JSON: how many there were, how many said yes, seconds of wall and
of processor time.
"""

import asyncio
import json
import logging
import sys
import time
import warnings

from pyasic import get_miner

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


async def quietly(call, seconds):
    """Returns what a call gives, or None when it fails."""
    try:
        return await asyncio.wait_for(call(), seconds)
    except Exception:  # whatever a peer raises is one answer: it did not work
        return None


async def main(path):
    with open(path, encoding="utf-8") as lines:
        units = json.load(lines)
    few = asyncio.Semaphore(64)

    async def found(unit):
        async with few:
            return await quietly(lambda: get_miner(unit["Address"]), 60)

    miners = [m for m in await asyncio.gather(*(found(u) for u in units)) if m is not None]
    wall, cpu = time.perf_counter(), time.process_time()
    answers = await asyncio.gather(*(quietly(m.stop_mining, 60) for m in miners))
    print(json.dumps({
        "Machines": len(units), "Found": len(miners), "Good": sum(a is True for a in answers),
        "Wall": time.perf_counter() - wall, "CPU": time.process_time() - cpu,
    }))


asyncio.run(main(sys.argv[1]))
