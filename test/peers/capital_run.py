"""A chunk of futures of capital.py, from week to week and month to month."""

import math

import numpy as np


def months_between(a, b):
    """Months from one month, as 2026-01, to another."""
    (y, m), (z, n) = (map(int, x.split("-")) for x in (a, b))
    return 12 * (z - y) + n - m


class Phase:
    """A phase of a project on all futures, with its plant."""

    def __init__(self, phase, begin, slip, overrun, asset):
        self.mw, self.asset = phase["energises_mw"], asset
        self.begin, self.length = begin, phase["months"] * slip
        self.finish = begin + self.length
        self.cost = phase["cost"] * overrun
        self.spent = np.zeros_like(slip)
        self.over = self.finish.max()  # when no future builds it any more

    def paid(self, at):
        """Share of the cost that is paid by a time: 3 x^2 - 2 x^3."""
        x = np.clip((at - self.begin) / np.where(self.length == 0, 1, self.length), 0, 1)
        return np.where(self.length == 0, at >= self.begin, x * x * (3 - 2 * x))


class Project:
    """A conversion on all futures."""

    def __init__(self, company, i, f, row, asset):
        p = company.projects[i]
        c = p["contract"]
        self.p, self.c = p, c
        self.phases, ends = [], {}
        for k, phase in enumerate(p["phases"]):
            begin = np.full(f.n, float(months_between(company.begin, p["begin"])))
            for before in phase.get("after") or []:
                begin = np.maximum(begin, ends[before])
            self.phases.append(Phase(phase, begin, f.slip[row + k], f.overrun[row + k], asset + k))
            ends[phase["name"]] = self.phases[-1].finish
        self.first = np.minimum.reduce([x.finish for x in self.phases if x.mw > 0])
        self.ready = np.maximum.reduce([x.finish for x in self.phases])
        self.start = np.maximum(self.first, 0)
        self.stop = np.minimum(self.start + c["term_months"], self.start + f.default[i])
        self.energised = np.zeros(f.n)
        self.taken = np.zeros(f.n)
        self.whole = False
        self.earliest, self.latest = self.first.min(), self.ready.max()
        self.unit = c["rate"] * 1000
        self.escalated = np.array([math.pow(1 + c["escalator"], y) for y in range(company.plan["years"] + 2)])

    def rent(self, begin, end, index):
        """What is owed for a step, for how many months, and the critical MW that are let."""
        c, middle = self.c, (begin + end) / 2
        mw = np.minimum(c["critical_mw"], self.energised / self.p["pue"])
        during = np.minimum(end, self.stop) - np.maximum(begin, self.start)
        at = np.maximum(middle, self.start) - self.start
        year = np.minimum((at / 12).astype(np.int64), len(self.escalated) - 1)
        billed = c["take_or_pay"] + (1 - c["take_or_pay"]) * c["billed_utilisation"] * index
        owed = self.unit * mw * billed * self.escalated[year] * during
        renewed = (c["renewal_share"] > 0) & (middle > self.stop + c["vacancy_months"])
        again = self.unit * mw * c["renewal_share"] * c["billed_utilisation"] * index * (end - begin)
        let = during > 0
        owed = np.where(let, owed, np.where(renewed, again, 0.0))
        months = np.where(let, during, np.where(renewed, end - begin, 0.0))
        return owed, months, np.where(let | renewed, mw, 0.0)


class Loan:
    """A loan to a project on all futures."""

    def __init__(self, l, n):
        self.l, self.project = l, l["Project"]
        self.size, self.interest, self.share = l["Size"], l["Interest"], l["Share"]
        self.rate = l["rate"] / 12
        self.principal = np.array(l["Principal"])
        service = np.array(l["Service"])
        reach = math.ceil(l["reserve_months"])
        self.ahead = np.array([service[k : k + reach].sum() for k in range(len(service) + 1)])
        self.balance, self.drawn, self.capitalised = np.zeros(n), np.zeros(n), np.zeros(n)
        self.whole, self.aside = np.zeros(n), np.zeros(n)
        self.converted = np.full(n, -1)


class Run:
    """All futures of a chunk, from month to month."""

    def __init__(self, company, futures):
        c, f, n = company, futures, futures.n
        self.c, self.f, self.n = c, f, n
        o = c.plan["opening"]
        zero = lambda: np.zeros(n)  # noqa: E731
        self.projects, row = [], 0
        for i, p in enumerate(c.projects):
            self.projects.append(Project(c, i, f, row, 1 + row))
            row += len(p["phases"])
        self.loans = [Loan(l, n) for l in c.loans]
        self.price = f.price[0]
        self.cash, self.btc = np.full(n, float(o["cash"])), np.full(n, float(o["btc"]))
        self.held, self.coins = self.btc.copy(), o["btc"] * self.price
        self.basis = self.coins.copy()
        self.locked, self.revolver, self.missing = zero(), zero(), zero()
        self.untaxed, self.losses, self.need = zero(), np.full(n, float(c.plan["tax"]["losses_brought_forward"])), zero()
        self.equity = o["cash"] + self.coins + o["plant"]
        self.lent, self.pledged = zero(), zero()
        self.broke = np.full(n, -1)
        self.least = np.full(n, np.inf)
        self.quarters = []  # ratios of each: month, coverage, loan to value, liquidity
        self.plant(o)
        months = (c.months, n)
        self.ebitda, self.free = np.zeros(months), np.zeros(months)
        self.service, self.available = np.zeros(months), np.zeros(months)
        self.month, self.profit, self.taxed = 0, zero(), zero()

    def plant(self, o):
        """Plant by its places: the opening balance first, then phases."""
        shape = (self.c.assets, self.n)
        self.cost, self.deductible = np.zeros(shape), np.zeros(shape)
        self.written, self.deducted = np.zeros(shape), np.zeros(shape)
        self.served = np.full(shape, np.inf)  # from when
        self.years = np.zeros((self.c.assets, 1))
        self.cost[0], self.deductible[0], self.served[0], self.years[0] = o["plant"], o["plant_tax_value"], 0, o["plant_years"]
        for p in self.projects:
            for x, phase in zip(p.phases, p.p["phases"]):
                self.years[x.asset] = phase["life_years"]

    # Money moves in three ways: earnings before interest, other profit for tax, other cash.

    def operate(self, amount):
        self.cash += amount
        self.untaxed += amount
        self.ebitda[self.month] += amount

    def earn(self, amount):
        self.cash += amount
        self.untaxed += amount
        self.profit += amount

    def go(self):
        g = self.c.grid
        for j in range(len(g["From"])):
            self.step(j, g["From"][j], g["To"][j])
            if g["Closes"][j] >= 0:
                self.close(g["Closes"][j])
        return self.results()

    def step(self, j, begin, end):
        c, g = self.c, self.c.grid
        self.month = min(int(begin), c.months - 1)
        self.price = self.f.price[j]
        before = self.cash.copy()
        grown = math.pow(1 + c.plan["opex_escalator"], int(begin / 12))
        for i, p in enumerate(self.projects):
            self.build(i, p, begin, end)
            if end > p.earliest:
                self.let(i, p, j, begin, end, grown)
        for i, s in enumerate(c.sites):
            self.mine(i, s, j, begin, end, grown)
        self.operate(-c.plan["overhead_per_year"] / 12 * grown * (end - begin))
        self.secure(begin, end)
        if g["Weeks"][j] > 0:
            self.need = np.maximum(before - self.cash, 0) / g["Weeks"][j]
        self.sell()
        self.reach()

    # Building

    def build(self, i, p, begin, end):
        if p.whole:
            return
        p.whole = begin > p.latest  # after this step, in which the last of it is energised
        middle = (begin + end) / 2
        p.energised = sum((x.finish <= middle) * x.mw for x in p.phases)
        cost = np.zeros(self.n)
        for x in p.phases:
            if begin > x.over:
                continue
            ends = end >= x.finish
            due = np.where(ends, x.cost, x.cost * x.paid(end)) - x.spent
            due = np.where((end <= x.begin) | (begin > x.finish), 0.0, due)
            serves = np.maximum(x.finish, p.first)  # from the first power on
            self.served[x.asset] = np.where(ends, serves, self.served[x.asset])
            x.spent += due
            self.cost[x.asset] += due
            self.deductible[x.asset] += due
            cost += due
        self.cash -= cost
        self.free[self.month] -= cost
        self.draw(i, cost)
        site = self.c.sites[self.c.site_of[i]]
        mw = np.minimum(p.energised, site["fleet"]["mw"])
        price = np.maximum(mw - p.taken, 0) * site["fleet"]["resale_per_mw"]
        p.taken = np.maximum(p.taken, mw)
        self.earn(price)
        self.free[self.month] += price

    def draw(self, i, cost):
        for l in self.loans:
            if l.project != i:
                continue
            x = np.minimum(cost * l.share, l.size - l.interest - (l.drawn - l.capitalised))
            x = np.minimum(x, l.size - l.drawn)
            x = np.where((cost > 0) & (l.converted < 0), np.maximum(x, 0), 0.0)
            self.earn(np.where((x > 0) & (l.drawn == 0), -l.l["upfront_fee"] * l.size, 0.0))
            l.balance += x
            l.drawn += x
            self.cash += x

    # Running

    def let(self, i, p, j, begin, end, grown):
        there = end > p.first
        owed, months, critical = p.rent(begin, end, self.f.rent[j])
        owed = np.where(there, owed, 0.0)
        self.operate(np.where(there, -p.p["opex_per_critical_mw_year"] / 12 * grown * p.energised / p.p["pue"] * (end - begin), 0.0))
        self.operate(owed)
        s = self.c.sites[self.c.site_of[i]]
        mean = self.c.hours.mean[self.f.week[j]] * self.c.scale(s, begin) + s["power"]["delivery_per_mwh"]
        gross = np.where(there, critical * p.p["pue"], 0.0)
        drawn = gross * p.c["load"] * self.c.grid["Hours"][j] * months / (end - begin) * mean
        self.operate(-drawn)
        if p.c["power_passed_through"]:
            self.operate(drawn)

    def mine(self, i, s, j, begin, end, grown):
        self.operate(-s["opex_per_year"] / 12 * grown * (end - begin))
        f, delivery = s["fleet"], s["power"]["delivery_per_mwh"]
        mw = f["mw"] - sum(p.taken for k, p in enumerate(self.projects) if self.c.site_of[k] == i)
        mw = np.maximum(mw, 0)
        per_mwh = self.f.hash[j] * (1 - f["pool_fee"]) / (0.024 * f["j_per_th"] * f["pue"])
        k = self.c.scale(s, begin)
        strike = per_mwh * self.price - f["other_per_mwh"]
        share, paid = self.c.hours.below(self.f.week[j], (strike - delivery) / k)
        paid = paid * k + share * delivery
        capacity = mw * f["uptime"] * self.c.grid["Hours"][j]
        coins = per_mwh * capacity * share
        value = coins * self.price
        self.btc += coins
        self.coins += value
        self.basis += value
        self.untaxed += value
        self.ebitda[self.month] += value
        self.operate(-paid * capacity - f["other_per_mwh"] * capacity * share - f["upkeep_per_mw_year"] * mw / 12 * grown * (end - begin))

    # Coins

    def unpledged(self):
        return np.maximum(self.btc - self.locked, 0)

    def mark(self):
        change = self.btc * self.price - self.coins
        self.coins += change
        self.profit += change

    def sell(self):
        t = self.c.plan["treasury"]
        self.mark()
        need = self.need / 7 * t["cover_days"]
        want = np.where(self.cash >= need, 0.0, (need - self.cash) / self.price)
        self.convey(np.minimum(want, np.minimum(self.unpledged(), self.btc) - t["keep_btc"]))
        self.held = self.btc.copy()

    def convey(self, coins):
        coins = np.maximum(np.minimum(coins, self.unpledged()), 0)
        if not coins.any():
            return
        value = coins * self.price
        basis = self.basis * coins / np.where(self.btc == 0, 1, self.btc)
        self.untaxed += value - basis
        self.basis -= basis
        self.btc -= coins
        self.coins -= value
        self.cash += value

    def reach(self):
        """Finds money where cash is below nought, and gives back what was lent."""
        if (self.cash < 0).any():
            self.convey(np.where(self.cash < 0, -self.cash / self.price, 0.0))
        short = -self.cash
        x = np.where(short > 1e-9, np.minimum(short, self.c.plan["revolver"]["limit"] - self.revolver), 0.0)
        self.revolver += x
        self.cash += x
        short = -self.cash
        out = short > 1e-6
        self.broke = np.where(out & (self.broke < 0), self.month, self.broke)
        x = np.where(out, short, 0.0)
        self.missing += x
        self.cash += x
        x = np.where(out, 0.0, np.maximum(np.minimum(self.cash, self.missing), 0))
        self.missing -= x
        self.cash -= x
        x = np.where(out, 0.0, np.maximum(np.minimum(self.cash - self.c.plan["treasury"]["cash_floor"], self.revolver), 0))
        self.revolver -= x
        self.cash -= x

    # The loan against coins

    def secure(self, begin, end):
        t = self.c.plan["pledges"][0]
        first = months_between(self.c.begin, t["first"])
        if begin <= first < end:
            self.lent = np.minimum(t["amount"], self.unpledged() * self.price * t["ltv"])
            self.pledged = self.lent / (t["ltv"] * self.price)
            self.locked += self.pledged
            self.cash += self.lent
        owed = self.lent > 0
        if not owed.any():
            return
        ratio = np.where(owed, self.lent / np.where(owed, self.pledged * self.price, 1), 0.0)
        sold = ratio >= t["liquidation_ltv"]
        if sold.any():
            self.liquidate(sold, np.minimum(self.lent / self.price, self.pledged))
        called = ~sold & (ratio >= t["call_ltv"])
        if called.any():
            self.cure(called, t["cure_ltv"])

    def cure(self, called, cure):
        """Answers a call with free coins, then cash, then a sale of what is pledged."""
        more = np.where(called, np.minimum(self.lent / (cure * self.price) - self.pledged, self.unpledged()), 0.0)
        self.pledged += more
        self.locked += more
        back = np.where(called, self.lent - cure * self.pledged * self.price, 0.0)
        paid = np.maximum(np.minimum(back, np.maximum(self.cash, 0)), 0)
        self.lent -= paid
        self.cash -= paid
        back -= paid
        left = called & (back > 1e-6)
        if left.any():
            self.liquidate(left, back / (self.price * (1 - cure)))

    def liquidate(self, where, coins):
        change = np.where(where, self.btc * self.price - self.coins, 0.0)
        self.coins += change
        self.profit += change
        coins = np.where(where, coins, 0.0)
        self.pledged -= coins
        self.locked -= coins
        self.convey(coins)
        back = np.minimum(coins * self.price, self.lent)
        self.lent -= back
        self.cash -= back
        bare = where & (self.pledged <= 0) & (self.lent > 0)
        self.missing += np.where(bare, self.lent, 0.0)
        self.lent = np.where(bare, 0.0, self.lent)
        self.unlock(where)

    def unlock(self, where):
        over = where & (self.lent < 1e-9)
        self.locked = np.where(over, np.maximum(self.locked - self.pledged, 0), self.locked)
        self.lent = np.where(over, 0.0, self.lent)
        self.pledged = np.where(over, 0.0, self.pledged)

    # The end of a month

    def close(self, k):
        self.month = k
        due = np.zeros(self.n)
        for l in self.loans:
            due += self.serve(l, k)
        due += self.lenders(k)
        self.write_off(k)
        if (int(self.c.begin[5:]) - 1 + k) % 12 == 11:
            self.taxes(k)
        self.mark()
        self.reach()
        self.service[k], self.available[k] = due, self.ebitda[k] + self.taxed
        self.free[k] += self.ebitda[k] + self.taxed
        self.equity += self.profit + self.ebitda[k]
        self.least = np.minimum(self.least, self.cash - self.missing)
        if (k + 1) % 3 == 0:
            self.test(k)
        self.profit, self.taxed = np.zeros(self.n), np.zeros(self.n)

    def serve(self, l, k):
        """Interest and repayment of a month; interest is built in while a project is built."""
        p, last = self.projects[l.project], k + 1
        building = l.converted < 0
        due = np.zeros(self.n)
        rate, n = l.rate, np.maximum(k - l.converted, 0)
        serves = ~building & (l.balance > 0) & (l.converted <= k)
        if serves.any():
            interest = np.where(serves, l.balance * rate, 0.0)
            row = l.principal[np.minimum(n, len(l.principal) - 1)]
            principal = np.where(n < len(l.principal) - 1, np.minimum(row * l.whole, l.balance), l.balance)
            principal = np.where(serves, principal, 0.0)
            self.earn(-interest)
            self.cash -= principal
            l.balance -= principal
            self.put_aside(l, n + 1, serves)
            due += interest + principal
        if building.any():
            interest = np.where(building, l.balance * rate, 0.0)
            taken = np.where(building, np.minimum(interest, l.size - l.drawn), 0.0)
            l.balance += taken
            l.drawn += taken
            l.capitalised += taken
            self.cash += taken - interest
            plant = p.phases[-1].asset
            self.cost[plant] += interest
            self.deductible[plant] += interest
            self.earn(np.where(building, -(l.size - l.drawn) * l.l["commitment_fee"] / 12, 0.0))
            ends = building & (last >= p.ready)
            l.converted = np.where(ends, last, l.converted)
            l.whole = np.where(ends, l.balance, l.whole)
            self.put_aside(l, np.zeros(self.n, dtype=np.int64), ends)
            due += interest - taken
        return due

    def put_aside(self, l, n, where):
        target = l.ahead[np.minimum(n, len(l.ahead) - 1)] * l.whole
        move = np.minimum(np.maximum(target - l.aside, 0), np.maximum(self.cash, 0))
        move = np.where(l.balance <= 1e-6, -l.aside, move)
        move = np.where(where, move, 0.0)
        l.aside += move
        self.cash -= move

    def lenders(self, k):
        """The loan against coins and the revolver."""
        t, v = self.c.plan["pledges"][0], self.c.plan["revolver"]
        due = self.lent * t["rate"] / 12
        self.earn(-due)
        if k + 1 >= months_between(self.c.begin, t["first"]) + t["months"]:
            owed = self.lent > 0
            self.cash -= self.lent
            self.lent = np.zeros(self.n)
            self.unlock(owed)
        interest = self.revolver * v["rate"] / 12
        self.earn(-interest - (v["limit"] - self.revolver) * v["commitment_fee"] / 12)
        return due + interest

    def write_off(self, k):
        x = np.minimum(self.cost / (12 * self.years), self.cost - self.written)
        x = np.where(self.served <= k + 1, np.maximum(x, 0), 0.0)
        self.written += x
        self.profit -= x.sum(axis=0)

    def taxes(self, k):
        served = self.served <= k + 1
        share = np.minimum(k + 1 - np.where(served, self.served, 0), 12) / 12 / self.years
        x = np.minimum(self.deductible * share, self.deductible - self.deducted)
        x = np.where(served, x, 0.0)
        self.deducted += x
        base = self.untaxed - x.sum(axis=0)
        self.untaxed = np.zeros(self.n)
        used = np.minimum(np.maximum(base, 0), self.losses)
        self.losses += np.maximum(-base, 0) - used
        self.taxed = -(np.maximum(base, 0) - used) * self.c.plan["tax"]["rate"]
        self.cash += self.taxed
        self.profit += self.taxed

    def test(self, k):
        """The ratios of a quarter."""
        year = slice(max(0, k - 11), k + 1)
        service = self.service[year].sum(axis=0)
        cover = np.where(service <= 0, np.inf, self.available[year].sum(axis=0) / np.where(service <= 0, 1, service))
        debt = sum(l.balance for l in self.loans) + self.revolver + self.missing
        plant = (self.cost - self.written).sum(axis=0)
        value = np.where(debt <= 0, 0.0, np.where(plant <= 0, np.inf, debt / np.where(plant <= 0, 1, plant)))
        liquid = np.where(self.missing > 0, -self.missing, self.cash + self.c.plan["revolver"]["limit"] - self.revolver)
        self.quarters.append({"month": k, "dscr": cover, "ltv": value, "liquidity": liquid})

    def breach(self, promise):
        """The quarter in which a promise breaks first."""
        begin = months_between(self.c.begin, promise["from"]) if promise.get("from") else 0
        out = np.full(self.n, -1.0)
        for q, t in enumerate(self.quarters):
            room = t[promise["kind"]] - promise["limit"]
            if promise["kind"] == "ltv":
                room = -room
            out = np.where((t["month"] >= begin) & (room < 0) & (out < 0), q, out)
        return out

    def results(self):
        plan, end = self.c.plan, self.c.months
        for p in self.projects:
            worth = p.p["facility_residual"] * sum(x.spent for x in p.phases) - p.p["decommissioning"]
            self.free[-1] += np.where(p.ready <= end, worth, 0.0)
        self.free[-1] += plan["terminal_ebitda_multiple"] * np.maximum(self.ebitda[-12:].sum(axis=0), 0)
        rate = math.expm1(math.log1p(plan["discount_rate"]) / 12)
        worth = (1 + rate) ** -np.arange(1.0, end + 1) @ self.free
        return np.stack([worth, self.equity, self.least, self.broke] + [self.breach(p) for p in plan["covenants"]], axis=1)
