"""Clear the turns of a rolling replay as PyPSA networks and time it.

Usage: python rolling_pypsa.py TURNS. Each line of TURNS is the market of one
turn as JSON: the mesh in hours, offers, bids, limits and where each use stands,
in MW, hours and currency units. Each line printed is {"name", "objective"} and
the seconds that building and solving took, by the wall and by the processor.

The program is the one of docs/formula/dispatch.md, written down a second time
from the bids and offers alone. Uses are generators of sign -1 measured at the
meter, so that the balance of the bus is PyPSA's own; starts, the steps above
the first, the connection and the branches are added as linopy rows.
"""

import json
import logging
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd
import pypsa
import xarray as xr

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

# Penalties per MWh and the tie-break of docs/formula/dispatch.md.
PENALTY_NODE = 1_000_000.0
PENALTY_IMPORT = 200_000.0
PENALTY_ORDER = 100_000.0
EVER = 1e30


def network(turn):
    """Return the network of a turn: one bus, offers up, uses down."""
    hours = np.array(turn["hours"])
    count = len(hours)
    n = pypsa.Network()
    n.set_snapshots(pd.RangeIndex(count))
    for kind in ("objective", "generators", "stores"):
        n.snapshot_weightings[kind] = hours
    n.add("Bus", "site")
    n.add("Load", "house", bus="site", p_set=turn["must_run_mw"])
    names, cap, cost = ["unmet"], [np.full(count, turn["must_run_mw"])], [np.full(count, PENALTY_NODE)]
    for offer in turn["offers"]:
        names.append(offer["source"])
        cap.append(np.array(offer["cap_mw"]))
        cost.append(np.array(offer["cost"]))
    top = [max(c.max(), 1e-9) for c in cap]
    n.add(
        "Generator",
        names,
        bus="site",
        p_nom=top,
        p_max_pu=frame(n, names, [c / t for c, t in zip(cap, top)]),
        marginal_cost=frame(n, names, cost),
    )
    uses(n, turn, hours)
    return n


def frame(n, names, columns):
    """Return columns as a table over the snapshots."""
    return pd.DataFrame(np.column_stack(columns), index=n.snapshots, columns=names)


def uses(n, turn, hours):
    """Add every step of every bid, at the meter."""
    count = len(hours)
    names, low, high, cost = [], [], [], []
    for bid in turn["bids"]:
        meter = np.array(bid["pue"]) * np.array(bid["available"])
        least, most = held(bid, hours)
        for k, step in enumerate(bid["steps"]):
            names.append(f"{bid['use']}/{k}")
            cost.append(-np.array(step["worth"]) / np.array(bid["pue"]))
            low.append((least if k == 0 else np.zeros(count)) * meter)
            high.append((most if k == 0 else np.full(count, step["power_mw"])) * meter)
    n.add(
        "Generator",
        names,
        bus="site",
        sign=-1.0,
        p_nom=1.0,
        p_min_pu=frame(n, names, low),
        p_max_pu=frame(n, names, high),
        marginal_cost=frame(n, names, cost),
    )


def held(bid, hours):
    """Return the bounds on step 0 that minimum times still running leave."""
    begins = np.concatenate([[0.0], np.cumsum(hours)[:-1]])
    cap, now = bid["steps"][0]["power_mw"], bid["now"]
    least, most = np.zeros(len(hours)), np.full(len(hours), cap)
    if now["age_h"] is not None:
        age = now["age_h"] + begins
        least = np.where(age < bid["min_on_h"] - 1e-9, min(now["held_mw"], cap), 0.0)
        most = np.where(age < bid["min_off_h"] - 1e-9, max(0.0, cap - now["rest_mw"]), cap)
    return least, np.maximum(least, most)


def couple(n, turn):
    """Add what PyPSA has no component for: starts, upper steps, limits."""
    m, hours = n.model, np.array(turn["hours"])
    p = m.variables["Generator-p"]
    name = p.dims[1]
    time_axis = n.snapshots
    over = connection(n, turn, p, name)
    extra = [over] if over is not None else []
    for bid in turn["bids"]:
        meter = xr.DataArray(np.array(bid["pue"]) * np.array(bid["available"]), coords={"snapshot": time_axis})
        steps = [p.sel({name: f"{bid['use']}/{k}"}) for k in range(len(bid["steps"]))]
        start = start_cost(bid)
        if start is None:
            continue
        if len(steps) > 1:
            sizes = [s["power_mw"] for s in bid["steps"]]
            for k in range(1, len(steps)):
                m.add_constraints(steps[k] - steps[0] * (sizes[k] / sizes[0]) <= 0, name=f"upper {bid['use']} {k}")
        begun = m.add_variables(lower=0, coords=[time_axis], name=f"start {bid['use']}")
        on = steps[0] / meter
        m.add_constraints(on.isel(snapshot=0) - begun.isel(snapshot=0) <= bid["now"]["on_mw"], name=f"first {bid['use']}")
        m.add_constraints((on - on.shift(snapshot=1) - begun).isel(snapshot=slice(1, None)) <= 0, name=f"next {bid['use']}")
        extra.append((begun * xr.DataArray(start, coords={"snapshot": time_axis})).sum())
    branches(m, turn, p, name)
    if extra:
        m.objective = m.objective + sum(extra[1:], extra[0])


def connection(n, turn, p, name):
    """Keep the import within the contract, softly up to the rating."""
    m, time_axis = n.model, n.snapshots
    limit = xr.DataArray(np.array(turn["limit_mw"]), coords={"snapshot": time_axis})
    grid = [o["source"] for o in turn["offers"] if o["grid"]]
    drawn = p.sel({name: grid}).sum(name)
    if turn["rating_mw"] <= 0:
        m.add_constraints(drawn <= limit, name="connection")
        return None
    room = np.maximum(0.0, turn["rating_mw"] - limit)
    over = m.add_variables(lower=0, upper=room, coords=[time_axis], name="over")
    m.add_constraints(drawn - over <= limit, name="connection")
    penalty = PENALTY_ORDER if turn["ordered"] else PENALTY_IMPORT
    return (over * xr.DataArray(np.array(turn["hours"]) * penalty, coords={"snapshot": time_axis})).sum()


def start_cost(bid):
    """Return what starting one MW costs by interval, or None if nothing."""
    if bid["restart_h"] <= 0 and bid["wear"] <= 0:
        return None
    worth = np.maximum(0.0, np.array(bid["steps"][0]["worth"]))
    return bid["wear"] + bid["restart_h"] * np.array(bid["available"]) * worth


def branches(m, turn, p, name):
    """Keep every hall and feeder that its uses could overload within its limit."""
    for branch in turn["branches"]:
        members = [b for b in turn["bids"] if b["use"] in branch["uses"]]
        full = sum(sum(s["power_mw"] for s in b["steps"]) * max(b["pue"]) for b in members)
        if full > branch["limit_mw"]:
            names = [f"{b['use']}/{k}" for b in members for k in range(len(b["steps"]))]
            m.add_constraints(p.sel({name: names}).sum(name) <= branch["limit_mw"], name=f"branch {branch['name']}")


class Watch:
    """Stops how long stretches of work take."""

    def __init__(self):
        """Start the watch."""
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def lap(self):
        """Return the seconds since the last lap, by the wall and by the processor."""
        wall, cpu = time.perf_counter(), time.process_time()
        out = (wall - self.wall, cpu - self.cpu)
        self.wall, self.cpu = wall, cpu
        return out


def clear(turn):
    """Build and solve one turn and return its answer with its times."""
    watch = Watch()
    n = network(turn)
    built = watch.lap()
    n.optimize.create_model(consistency_check=False, include_objective_constant=False)
    couple(n, turn)
    modelled = watch.lap()
    status, condition = n.optimize.solve_model(
        solver_name="highs",
        solver_options={"output_flag": False, "threads": 1},
        log_to_console=False,
        io_api="direct",
        progress=False,
    )
    solved = watch.lap()
    return {
        "name": turn["name"],
        "status": f"{status}, {condition}",
        "objective": float(n.model.objective.value),
        "network_s": built[0],
        "model_s": modelled[0],
        "solve_s": solved[0],
        "wall_s": built[0] + modelled[0] + solved[0],
        "cpu_s": built[1] + modelled[1] + solved[1],
        "highs_s": float(n.model.solver_model.getRunTime()),
        "columns": int(n.model.nvars),
        "rows": int(n.model.ncons),
    }


def main():
    """Clear every turn of the file; the first is cleared twice and timed the second time."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # The solver greets on standard output.
    with open(sys.argv[1], encoding="utf-8") as f:
        turns = [json.loads(line) for line in f]
    clear(turns[0])
    for turn in turns:
        print(json.dumps(clear(turn)), file=answers, flush=True)


main()
