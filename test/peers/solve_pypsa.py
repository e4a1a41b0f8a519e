"""Solve the plain models of a file as PyPSA networks and print the answers.

Usage: python solve_pypsa.py MODELS. The format is that of
test/oracle/oracle.py. Only models with a plain description take part; the
network is built from that description alone, so it checks the formulation and
not only the solver.
"""

import json
import logging
import sys
import warnings

import pandas as pd
import pypsa

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


def network(d):
    """Return the network of a plain description."""
    n = pypsa.Network()
    n.set_snapshots(pd.RangeIndex(len(d["price"])))
    for kind in ("objective", "generators", "stores"):
        n.snapshot_weightings[kind] = float(d["hours"])
    price = pd.Series(d["price"], index=n.snapshots)
    n.add("Bus", "site")
    n.add("Generator", "import", bus="site", p_nom=d["import_limit"], marginal_cost=price)
    # Whatever takes power is a generator that runs backwards: its cost is negative.
    n.add("Generator", "export", bus="site", p_nom=d["export_limit"], p_min_pu=-1.0, p_max_pu=0.0, marginal_cost=price)
    for k, (value, cap) in enumerate(zip(d["value"], d["cap"])):
        n.add("Generator", f"load {k}", bus="site", p_nom=cap, p_min_pu=-1.0, p_max_pu=0.0, marginal_cost=value)
    wind = pd.Series(d["wind"], index=n.snapshots)
    n.add("Generator", "wind", bus="site", p_nom=1.0, p_max_pu=wind)
    n.add(
        "StorageUnit",
        "battery",
        bus="site",
        p_nom=d["battery_mw"],
        max_hours=d["battery_mwh"] / d["battery_mw"],
        efficiency_store=d["efficiency"],
        efficiency_dispatch=d["efficiency"],
        state_of_charge_initial=d["start"],
        cyclic_state_of_charge=False,
        marginal_cost=d["wear"],
    )
    return n


def main():
    """Solve every plain model of the file."""
    with open(sys.argv[1], encoding="utf-8") as f:
        for line in f:
            m = json.loads(line)
            if not m["plain"]:
                continue
            n = network(m["plain"])
            status, _ = n.optimize(solver_name="highs", log_to_console=False, progress=False)
            objective = float(n.objective) + float(n.objective_constant or 0.0) + m["offset"]
            print(json.dumps({"name": m["name"], "status": 0 if status == "ok" else 4, "objective": objective}), flush=True)


main()
