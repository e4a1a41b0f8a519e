"""Lets asic-rs identify, read, pause and resume the virtual machines of sluice world.

See devices.py for the checks and the usage. docs/devices.md tells the open ones.
"""

from pyasic_rs import MinerFactory
from pyasic_rs.data import HashRateUnit

import devices

OUTPUT = "asic-rs takes the output of the power supply for the draw at the wall"
ALWAYS = "asic-rs has no such reading for this firmware and always says that it mines"
PLAIN = "this model sleeps at once and wakes by a restart; asic-rs knows the scheduled order only"


class AsicRs:
    """asic-rs from PyPI, unchanged."""

    expected = {
        "antminer": ("Antminer S21, AntMiner Stock", {}),
        "whatsminer 2": ("Whatsminer M50SVH10, WhatsMiner Stock", {}),
        "whatsminer 3": ("Whatsminer M50SVH10, WhatsMiner Stock", {}),
        "luxos": ("Antminer S19KPro, LuxOS", {"sees": ALWAYS}),
        "braiins": ("Antminer S19XP, Braiins", {}),
        "vnish": ("Antminer S21Pro, VNish", {}),
        "avalon Q": ("Avalonminer AvalonHomeQ, AvalonMiner Stock", {"power": OUTPUT, "sees": ALWAYS, "told": "asic-rs wants S for a yes; the firmware says I"}),
        "avalon 1246": ("Avalonminer Avalon1246, AvalonMiner Stock", {"power": OUTPUT, "pause": PLAIN, "resume": PLAIN, "told": PLAIN, "sees": PLAIN}),
        "epic": ("Antminer S19jPro, UMC OS", {}),
    }

    async def find(self, unit):
        miner = await MinerFactory().get_miner(unit["address"])
        if miner is not None and unit["family"] == "braiins":
            miner.set_auth("root", "")  # new Braiins OS has no password
        return miner

    def name(self, miner):
        return f"{miner.make} {miner.model}, {miner.firmware}"

    async def mac(self, miner):
        return await miner.get_mac()

    async def tera(self, miner):
        return (await miner.get_hashrate()).into_unit(HashRateUnit.TeraHash).value

    async def watts(self, miner):
        return await miner.get_wattage()

    async def mining(self, miner):
        return await miner.get_is_mining()

    async def pause(self, miner):
        return await miner.pause()

    async def resume(self, miner):
        return await miner.resume()


devices.main(AsicRs())
