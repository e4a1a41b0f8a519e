"""Solve the models of a file with highspy and print one answer per line.

Usage: python solve_highspy.py MODELS. The format is that of
test/oracle/oracle.py. This is the same solver by another road: native code
instead of WebAssembly, another binding, another matrix order.
"""

import json
import sys

import highspy
import numpy as np
import scipy.sparse as sp

BIG = 1e30


def numbers(values):
    """Return values as an array with infinities restored."""
    a = np.array(values, dtype=float)
    a[a >= BIG] = highspy.kHighsInf
    a[a <= -BIG] = -highspy.kHighsInf
    return a


def solve(m):
    """Solve one model column by column and return its answer."""
    rows, cols = len(m["row_lower"]), len(m["cost"])
    a = sp.csr_matrix((m["value"], m["index"], m["start"]), shape=(rows, cols)).tocsc()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = cols, rows
    lp.col_cost_ = np.array(m["cost"])
    lp.col_lower_, lp.col_upper_ = numbers(m["lower"]), numbers(m["upper"])
    lp.row_lower_, lp.row_upper_ = numbers(m["row_lower"]), numbers(m["row_upper"])
    lp.offset_ = m["offset"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = a.indptr, a.indices, a.data
    if m["kind"]:
        lp.integrality_ = [highspy.HighsVarType(k) for k in m["kind"]]
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("mip_rel_gap", 0.0)
    h.passModel(lp)
    h.run()
    optimal = h.getModelStatus() == highspy.HighsModelStatus.kOptimal
    objective = h.getInfo().objective_function_value
    return {"name": m["name"], "status": 0 if optimal else 4, "objective": objective}


def main():
    """Solve every model of the file."""
    with open(sys.argv[1], encoding="utf-8") as f:
        for line in f:
            print(json.dumps(solve(json.loads(line))))


main()
