"""Solve the models of a file with scipy and print one answer per line.

Usage: python3 oracle.py MODELS. Each line of MODELS is one model as JSON; each
line printed is {"name", "status", "objective"}. Numbers of 1e30 and more mean
infinity.
"""

import json
import sys

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

BIG = 1e30


def numbers(values):
    """Return values as an array with infinities restored."""
    a = np.array(values, dtype=float)
    a[a >= BIG] = np.inf
    a[a <= -BIG] = -np.inf
    return a


def linear(m, a, lower, upper):
    """Solve a linear program with linprog."""
    equal = lower == upper
    above = ~equal & np.isfinite(upper)
    below = ~equal & np.isfinite(lower)
    a_ub = sp.vstack([a[above], -a[below]]).tocsr()
    b_ub = np.concatenate([upper[above], -lower[below]])
    return linprog(
        m["cost"],
        A_ub=a_ub if a_ub.shape[0] else None,
        b_ub=b_ub if a_ub.shape[0] else None,
        A_eq=a[equal] if equal.any() else None,
        b_eq=lower[equal] if equal.any() else None,
        bounds=np.column_stack([numbers(m["lower"]), numbers(m["upper"])]),
        method="highs",
    )


def mixed(m, a, lower, upper):
    """Solve a mixed-integer program with milp."""
    return milp(
        np.array(m["cost"]),
        integrality=np.array(m["kind"]),
        bounds=Bounds(numbers(m["lower"]), numbers(m["upper"])),
        constraints=LinearConstraint(a, lower, upper),
        options={"mip_rel_gap": 0},
    )


def main():
    """Solve every model of the file."""
    with open(sys.argv[1], encoding="utf-8") as f:
        for line in f:
            m = json.loads(line)
            lower, upper = numbers(m["row_lower"]), numbers(m["row_upper"])
            shape = (len(lower), len(m["cost"]))
            a = sp.csr_matrix((m["value"], m["index"], m["start"]), shape=shape)
            r = (mixed if m["kind"] else linear)(m, a, lower, upper)
            objective = None if r.fun is None else float(r.fun) + m["offset"]
            print(json.dumps({"name": m["name"], "status": int(r.status), "objective": objective}))


main()
