"""Judges what an independent program manages with the virtual machines of sluice world.

A peer is an object with `expected`, by kind of machine, and the coroutines find,
name, mac, tera, watts, mining, pause and resume; see pyasic_devices.py. Each
kind has the name that the peer must give the machine, and the checks that stay
open, with the reason. All other checks must pass. A check that is said to be
open and passes is a fault too: then the list is out of date.

Whether a machine sleeps is never taken from the peer. `sluice device test`
reads its settings and its power, so that a wrong belief does not pass.

Usage: SCRIPT SLUICE KEYS WORLD [lying]. KEYS holds the credentials of `sluice
device`, WORLD what `sluice world --list` printed.
With "lying" every machine says yes and does nothing, and no pause may pass.
"""

import asyncio
import json
import sys

CHECKS = {
    "model": "calls the machine what it is",
    "mac": "its MAC address",
    "hash": "its hash rate, within 2%",
    "power": "its power, within 2%",
    "mining": "sees that it mines",
    "pause": "puts it to sleep: its settings and its power say so",
    "resume": "wakes it: its settings and its power say so",
    "told": "takes the answers to both orders for a yes",
    "sees": "sees by itself that it sleeps, and that it mines again",
}
NEAR = 0.02  # share by which a number may be off
PATIENCE = 12  # seconds until an order must show; Avalons act five seconds later


async def quietly(call, seconds=12):
    """Returns what a call gives, or None when it fails."""
    try:
        return await asyncio.wait_for(call, seconds)
    except Exception:  # whatever a peer raises is one answer: it did not work
        return None


async def becomes(ask, seconds=PATIENCE):
    """Waits until ask says yes. On a busy computer it asks four times at least."""
    clock = asyncio.get_running_loop().time
    end, asked = clock() + seconds, 0
    while clock() < end or asked < 4:
        if await ask():
            return True
        asked += 1
        await asyncio.sleep(0.5)
    return False


def near(got, want):
    return got is not None and abs(got / want - 1) < NEAR


class Truth:
    """Reads machines with sluice itself."""

    def __init__(self, sluice, keys):
        self.sluice, self.keys, self.turn = sluice, keys, asyncio.Semaphore(4)

    async def reading(self, unit):
        """Returns intent, watts and GH/s; None stands for what is not stated."""
        command = [self.sluice, "device", "test", unit["address"], "--network", unit["address"] + "/32", "--credentials", self.keys, "--json"]
        async with self.turn:
            p = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
            out, _ = await p.communicate()
        if p.returncode != 0:
            return None, None, None
        r = json.loads(out)["reading"]
        return tuple(r[k]["Value"] if r[k]["Known"] else None for k in ("Intent", "Power", "Hash"))

    async def asleep(self, unit):
        intent, watts, hashes = await self.reading(unit)
        return intent == "asleep" and (hashes == 0 if watts is None else watts <= 150)

    async def awake(self, unit):
        intent, watts, hashes = await self.reading(unit)
        return intent == "running" and (near(hashes, unit["hash_ghs"]) if watts is None else near(watts, unit["power_w"]))


async def reads(peer, miner, unit, name):
    """Returns which readings are right."""
    found = {"model"} if name == peer.name(miner) else set()
    if (await quietly(peer.mac(miner)) or "").lower() == unit["mac"]:
        found.add("mac")
    if near(await quietly(peer.tera(miner)), unit["hash_ghs"] / 1000):
        found.add("hash")
    if near(await quietly(peer.watts(miner)), unit["power_w"]):
        found.add("power")
    if await quietly(peer.mining(miner)) is True:
        found.add("mining")
    return found


async def orders(peer, miner, unit, truth):
    """Returns which orders are carried out, and whether the peer knows it."""
    found = set()

    async def says(mining):
        return await quietly(peer.mining(miner)) is mining

    yes = await quietly(peer.pause(miner)) is True
    if not await becomes(lambda: truth.asleep(unit)):
        return found
    found.add("pause")
    sees = await becomes(lambda: says(False), 2)
    yes = await quietly(peer.resume(miner)) is True and yes
    if await becomes(lambda: truth.awake(unit)):
        found.add("resume")
    if sees and await becomes(lambda: says(True), 2):
        found.add("sees")
    if yes:
        found.add("told")
    return found


async def works(peer, unit, truth, name):
    """Returns what the peer calls the machine and what works with it."""
    miner = await quietly(peer.find(unit))
    if miner is None:
        return "nobody", set()
    found = await reads(peer, miner, unit, name)
    return peer.name(miner), found | await orders(peer, miner, unit, truth)


def kind(unit):
    """Names what machines have in common: a family, its API, and the model of Avalons."""
    more = unit.get("api") or (unit["model"] if unit["family"] == "avalon" else "")
    return f"{unit['family']} {more}".strip()


def verdict(unit, name, found, expected):
    """Prints what works and returns the number of faults."""
    want, reasons = expected
    missing = sorted(CHECKS.keys() - reasons.keys() - found)
    surprises = sorted(reasons.keys() & found)
    good = name == want and not missing and not surprises
    print(f"{'ok  ' if good else 'FAIL'} {unit['address']:<11} {kind(unit):<12} {name}: {', '.join(c for c in CHECKS if c in found) or 'nothing'}")
    if name != want:
        print(f"     it is {want}")
    for c in missing:
        print(f"     missing {c}: {CHECKS[c]}")
    for c in surprises:
        print(f"     {c} works: take it off the list of what is open")
    for c in CHECKS:
        if c in reasons and c not in found:
            print(f"     open {c}: {reasons[c]}")
    return 0 if good else 1


def load(path):
    """Returns the first two machines of each kind."""
    with open(path, encoding="utf-8") as lines:
        units = [json.loads(line) for line in lines if line.startswith("{")]
    count, out = {}, []
    for u in units:
        count[kind(u)] = count.get(kind(u), 0) + 1
        if count[kind(u)] <= 2:
            out.append(u)
    return out


async def judge(peer, sluice, keys, path, lying):
    """Returns the number of faults."""
    units, truth = load(path), Truth(sluice, keys)
    absent = sorted(peer.expected.keys() - {kind(u) for u in units})
    for k in absent:
        print(f"FAIL no {k} in the world: give another seed or more machines")
    answers = await asyncio.gather(*(works(peer, u, truth, peer.expected[kind(u)][0]) for u in units))
    if not lying:
        return len(absent) + sum(verdict(u, name, found, peer.expected[kind(u)]) for u, (name, found) in zip(units, answers))
    fooled = [kind(u) for u, (_, found) in zip(units, answers) if "pause" in found]
    print(f"{'FAIL' if fooled else 'ok  '} {len(units)} machines that say yes and do nothing: {'paused, it is said: ' + ', '.join(fooled) if fooled else 'no pause passes'}")
    return len(absent) + len(fooled)


def main(peer):
    """Judges one world."""
    sluice, keys, path = sys.argv[1:4]
    sys.exit(1 if asyncio.run(judge(peer, sluice, keys, path, "lying" in sys.argv[4:])) else 0)
