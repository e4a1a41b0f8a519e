"""Lets pyasic talk to the virtual machines that a world listed.

What is expected of each family is what pyasic manages today; an expectation
that is not met fails, and so does a family that is missing. What pyasic does
not manage is printed as open.
"""

import asyncio
import json
import logging
import sys
import warnings

from pyasic import get_miner

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

# By family and API: the class that pyasic must choose, and what must work.
EXPECTED = {
    "antminer": ("BMMiner", {"mac", "hash", "mining", "pause"}),
    "whatsminer 2": ("BTMiner", {"mac", "hash", "power", "mining", "pause"}),
    "whatsminer 3": ("BTMiner", {"mac", "hash", "power"}),
    "vnish": ("VNish", {"mac", "hash", "power", "mining"}),
    "avalon": ("CGMinerAvalon", {"mac", "hash", "power"}),
    "luxos": ("LUXMiner", {"power"}),
    "braiins": ("BOS", set()),
}


async def quietly(call):
    """Returns what a call gives, or None when it fails."""
    try:
        return await asyncio.wait_for(call(), 10)
    except Exception:  # whatever a peer raises is one answer: it did not work
        return None


async def becomes(address, mining):
    """Waits until the machine says that it mines, or does not."""
    for _ in range(50):
        miner = await quietly(lambda: get_miner(address))
        if miner is not None and await quietly(miner.is_mining) is mining:
            return True
        await asyncio.sleep(0.1)
    return False


async def works(unit):
    """Returns the class of the machine and what works with it."""
    miner = await quietly(lambda: get_miner(unit["address"]))
    if miner is None:
        return "nobody", set()
    found = set()
    if (await quietly(miner.get_mac) or "").lower() == unit["mac"]:
        found.add("mac")
    rate = await quietly(miner.get_hashrate)
    if rate is not None and abs(float(rate.into(rate.unit.TH)) * 1000 / unit["hash_ghs"] - 1) < 0.02:
        found.add("hash")
    watts = await quietly(miner.get_wattage)
    if watts is not None and abs(watts / unit["power_w"] - 1) < 0.02:
        found.add("power")
    if await quietly(miner.is_mining) is True:
        found.add("mining")
    if found >= {"mining"} and await quietly(miner.stop_mining) and await becomes(unit["address"], False):
        if await quietly(miner.resume_mining) and await becomes(unit["address"], True):
            found.add("pause")
    return type(miner).__name__, found


async def main(path):
    with open(path, encoding="utf-8") as lines:
        units = [json.loads(line) for line in lines if line.startswith("{")]
    answers = await asyncio.gather(*(works(u) for u in units))
    faults, seen = 0, set()
    for unit, (name, found) in zip(units, answers):
        kind = " ".join(str(x) for x in (unit["family"], unit.get("api", "")) if x)
        seen.add(kind)
        prefix, must = EXPECTED[kind]
        missing = must - found
        good = name.startswith(prefix) and not missing
        faults += not good
        rest = {"mac", "hash", "power", "mining", "pause"} - found - missing
        print(f"{'ok  ' if good else 'FAIL'} {unit['address']:<12} {kind:<13} {name:<22} works: {', '.join(sorted(found)) or '-'}"
              f"{'; missing: ' + ', '.join(sorted(missing)) if missing else ''}; open: {', '.join(sorted(rest)) or '-'}")
    for kind in sorted(EXPECTED.keys() - seen):
        faults += 1
        print(f"FAIL no {kind} in the world: give another seed or more machines")
    return 1 if faults else 0


sys.exit(asyncio.run(main(sys.argv[1])))
