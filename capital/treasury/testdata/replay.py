"""Replays a 10 MW miner with one loan on coins by week, under holding and under
selling all, without any code of this repository: the figures of TestHistory.

    python3 replay.py btc_daily.csv
"""
import csv
import datetime
import sys

CASES = [(2017, 2025, 98, 20_000, 1500), (2018, 2018, 98, 110_000, 300), (2022, 2022, 34, 150_000, 300)]
NET = 0.997  # of a sale
CALL, CURE = 0.7, 0.6


def weekly(path, first, last):
    rows = list(csv.DictReader(open(path)))
    days = [(datetime.date.fromisoformat(r["date"]), float(r["price_usd"]), float(r["hashprice_btc_ph_day"])) for r in rows]
    days = [d for d in days if first <= d[0].year <= last]
    while days[0][0].weekday() != 0:
        days.pop(0)
    return [(days[i + 6][1], sum(d[2] for d in days[i:i + 7]) / 7) for i in range(0, len(days) - 6, 7)]


def replay(weeks, efficiency, service, held, sell_all):
    ph = 10_000 / efficiency
    owed = 0.9 * held * weeks[0][0] * 0.5
    pledged = owed / (0.5 * weeks[0][0])
    free, cash, seized, out = held - pledged, 1e6, 0.0, -1
    mwh = ph * 0.95 * 7 * 0.024 * efficiency * 1.03
    for week, (price, hashprice) in enumerate(weeks):
        found = 7 * ph * 0.95 * hashprice * 0.98
        runs = found * price / mwh >= 45
        free += found if runs else 0
        cash -= (mwh * 45 if runs else 0) + 15_000 + service + owed * 0.1 * 7 / 365
        wanted = free if sell_all else max(-cash, 0) / (price * NET)
        sold = min(wanted, free)
        free, cash = free - sold, cash + sold * price * NET
        if owed and owed / (pledged * price) >= CALL:
            coins = min(owed / CURE / price - pledged, free)
            pledged, free = pledged + coins, free - coins
            repaid = min(max(owed - CURE * pledged * price, 0), max(cash, 0))
            owed, cash = owed - repaid, cash - repaid
            lacks = owed - CURE * pledged * price
            if lacks > 1e-6:  # a call stands for no week
                taken = min(lacks / (price * (1 - CURE)), pledged)
                if taken == pledged:
                    cash, owed, pledged = cash - (owed - taken * price), 0.0, 0.0
                else:
                    owed, pledged = owed - taken * price, pledged - taken
                seized += taken
        elif owed and owed / (pledged * price) < 0.35:
            back = pledged - owed / 0.5 / price
            pledged, free = pledged - back, free + back
        if cash < 0:
            sold = min(free, -cash / (price * NET))
            free, cash = free - sold, cash + sold * price * NET
        if cash < -0.01 and out < 0:
            out = week
    return cash, free + pledged, seized, out


if __name__ == "__main__":
    for first, last, *case in CASES:
        weeks = weekly(sys.argv[1], first, last)
        print(f"{first} to {last}: {len(weeks)} weeks")
        for name, sell_all in (("hold", False), ("sell all", True)):
            print(f"  {name:9}", ", ".join(f"{x:.10g}" for x in replay(weeks, *case, sell_all)))
