"""Lets pyasic identify, read, pause and resume the virtual machines of sluice world.

See devices.py for the checks and the usage. docs/devices.md tells the open ones.
"""

import logging
import warnings

from pyasic import get_miner, settings

import devices

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
settings.update("default_bosminer_password", "")  # new Braiins OS has none

UNREAD = "pyasic has no such reading for this firmware"
RETURNS = "pyasic returns before it looks at the answer"
BEARER = 'pyasic sends its token without the word "Bearer", which the interface description of VNish wants'
PLAIN = "this model sleeps at once and wakes by a restart; pyasic knows the scheduled order only"


class Pyasic:
    """pyasic from PyPI, unchanged."""

    expected = {
        "antminer": ("BMMinerS21", {"power": UNREAD}),
        "whatsminer 2": ("BTMinerM50SVH10", {}),
        "whatsminer 3": ("BTMinerM50SVH10", {"mining": UNREAD, "sees": UNREAD}),
        "luxos": ("LUXMinerS19kPro", {"mac": RETURNS, "mining": UNREAD, "sees": UNREAD}),
        "braiins": ("BOSMinerS19XP", {}),
        "vnish": ("VNishS21Pro", {"pause": BEARER, "resume": BEARER, "told": BEARER, "sees": BEARER}),
        "avalon Q": ("CGMinerAvalonQHome", {"mining": UNREAD, "sees": UNREAD, "told": "the order to wake is carried out without an answer"}),
        "avalon 1246": ("CGMinerAvalon1246", {"mining": UNREAD, "pause": PLAIN, "resume": PLAIN, "told": PLAIN, "sees": PLAIN}),
        "epic": ("ePICS19jPro", {"told": 'pyasic looks for "success" where the firmware says "result"'}),
    }

    async def find(self, unit):
        return await get_miner(unit["address"])

    def name(self, miner):
        return type(miner).__name__

    async def mac(self, miner):
        return await miner.get_mac()

    async def tera(self, miner):
        rate = await miner.get_hashrate()
        if rate is None:  # the sum of the boards, as pyasic does it for its own data
            rates = [b.hashrate for b in await miner.get_hashboards()]
            return sum(float(r.into(r.unit.TH)) for r in rates)
        return float(rate.into(rate.unit.TH))

    async def watts(self, miner):
        return await miner.get_wattage()

    async def mining(self, miner):
        return await miner.is_mining()

    async def pause(self, miner):
        return await miner.stop_mining()

    async def resume(self, miner):
        return await miner.resume_mining()


devices.main(Pyasic())
