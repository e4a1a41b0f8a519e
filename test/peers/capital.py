"""The cash flow of a plan on many futures, in NumPy.

    python3 test/peers/capital.py FOLDER [WORKERS]

This is the model of capital/model written down a second time, from its page
docs/formula/model.md: all futures at once in arrays, week after week and site after
site. `go run ./internal/bench capital -parts numpy` writes the folder, runs this and
compares every future.

Read from FOLDER: plan.json (the plan, its loans as they were sized, the steps), and
little-endian numbers without a header: power.f64 (hours of each week), by future and
step price.f64, hash.f64, rent.f64 and week.i32, by future and phase slip.f64 and
overrun.f64, by future and project default.f64.
Written there: out.f64, by future present value, equity at the end, least liquidity,
month in which cash ran out (-1: never), then for each promise the quarter of its first
breach (-1: none). Printed: seconds from the first future read to the last one computed,
and the processor time of computing alone.

A plan that uses what is not here is refused and not simplified.
"""

import json
import multiprocessing
import pathlib
import sys
import time

import numpy as np

from capital_run import Run

CHUNK = 5000  # futures at once: more of them share the cost of a step of Python


def refuse(plan, loans):
    """Names the first thing of a plan that is not modelled here."""
    for p in plan["projects"]:
        c = p["contract"]
        for what in ("ramp", "starts", "prepaid", "expected_credits"):
            if c.get(what):
                raise SystemExit(f"{p['name']}: {what} is not modelled here")
        if c["unit"] != "kw-month" or not p["displaces_mining"] or p.get("equipment"):
            raise SystemExit(f"{p['name']}: only rents by the kW-month, in the place of miners, without equipment")
        if any(f.get("tax_life", "straight") not in ("", "straight") for f in p["phases"]):
            raise SystemExit(f"{p['name']}: only straight lives for tax")
        if any(f["life_years"] == 0 for f in p["phases"]):
            raise SystemExit(f"{p['name']}: only phases that are written off")
    for l in loans:
        if l["Project"] < 0 or l.get("draws", "pro-rata") not in ("", "pro-rata") or l["sweep"]:
            raise SystemExit(f"{l['name']}: only loans to projects, drawn pro rata, without a sweep")
    t = plan["treasury"]
    if t["policy"] != "cover" or t["distribute"] or plan.get("hedges") or plan.get("funding") or len(plan["pledges"]) != 1:
        raise SystemExit("only the policy cover, one loan against coins, no hedges, no funding, nothing for owners")
    if any(not s["power"].get("history") or len(s["power"]["price_per_mwh"]) == 0 for s in plan["sites"]):
        raise SystemExit("only sites with a history of power prices, scaled to a price of each year")


class Hours:
    """Power prices by week, sorted, with the sums of the cheapest."""

    def __init__(self, weeks):
        self.count = weeks.shape[1]
        self.width = 1 << self.count.bit_length()  # a power of two above the count
        rows = np.sort(weeks, axis=1)
        self.mean = np.cumsum(rows, axis=1)[:, -1] / self.count
        self.average = weeks.sum() / weeks.size
        filled = np.full((len(weeks), self.width), np.inf)
        filled[:, : self.count] = rows
        self.prices = filled.ravel()
        sums = np.zeros((len(weeks), self.count + 1))
        sums[:, 1:] = np.cumsum(rows, axis=1)
        self.sums = sums.ravel()

    def below(self, week, strike):
        """By future: share of the hours of its week that cost less than its strike, and
        their sum as a mean over all hours. Every future halves its own week."""
        first = week * self.width
        at = first - 1
        half = self.width >> 1
        while half:
            at += half * (self.prices[at + half] < strike)
            half >>= 1
        n = at + 1 - first
        return n / self.count, self.sums[week * (self.count + 1) + n] / self.count


class Company:
    """What does not change from future to future."""

    def __init__(self, folder):
        d = json.loads((folder / "plan.json").read_text())
        self.plan, self.loans, self.grid, self.paths = d["plan"], d["loans"] or [], d["grid"], d["paths"]
        refuse(self.plan, self.loans)
        self.hours = Hours(np.fromfile(folder / "power.f64").reshape(d["weeks"], -1))
        self.begin = self.plan["begin"]
        self.months = 12 * self.plan["years"]
        self.sites, self.projects = self.plan["sites"], self.plan["projects"]
        self.site_of = [next(i for i, s in enumerate(self.sites) if s["name"] == p["site"]) for p in self.projects]
        self.assets = 1 + sum(len(p["phases"]) for p in self.projects)

    def scale(self, s, month):
        prices = s["power"]["price_per_mwh"]
        k = prices[min(int(month / 12), len(prices) - 1)] / self.hours.average
        return k if k != 0 else 1e-12


class Futures:
    """A run of futures: what was drawn for them."""

    def __init__(self, company, folder, first, last):
        steps, self.n = len(company.grid["From"]), last - first

        def rows(name, width, kind=np.float64):
            a = np.memmap(folder / name, dtype=kind, mode="r", shape=(company.paths, width))[first:last]
            return np.ascontiguousarray(a.T)

        self.price, self.hash, self.rent = (rows(n + ".f64", steps) for n in ("price", "hash", "rent"))
        self.week = rows("week.i32", steps, np.int32).astype(np.int64)
        phases = sum(len(p["phases"]) for p in company.projects)
        self.slip, self.overrun = rows("slip.f64", phases), rows("overrun.f64", phases)
        self.default = rows("default.f64", len(company.projects))


def chunk(job):
    """What a run of futures comes to, and the processor time of computing it."""
    company, folder, first, last = job
    futures = Futures(company, folder, first, last)
    begin = time.process_time()
    with np.errstate(invalid="ignore", over="ignore"):  # futures without power yet: infinite times
        rows = Run(company, futures).go()
    return rows, time.process_time() - begin


def main():
    folder = pathlib.Path(sys.argv[1])
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    company = Company(folder)
    jobs = [(company, folder, a, min(a + CHUNK, company.paths)) for a in range(0, company.paths, CHUNK)]
    begin = time.perf_counter()
    with multiprocessing.Pool(workers) as pool:
        done = pool.map(chunk, jobs, chunksize=1)
    wall = time.perf_counter() - begin
    np.concatenate([rows for rows, _ in done]).astype("<f8").tofile(folder / "out.f64")
    print(json.dumps({"wall": wall, "cpu": sum(cpu for _, cpu in done), "numpy": np.__version__}))


if __name__ == "__main__":
    main()
