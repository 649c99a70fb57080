"""An oracle for small instances with slices: every sentence of docs/instances/power.md as rows.

It knows the instance's tables alone, and shares no code with the models or the audit, so that a
mistake would have to be made twice to go unseen. Nothing is left out because it cannot matter, and
every variable stands for what happens in one stage and one slice.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import inf, isnan, sqrt
from typing import Any

from optimizer.instance import Instance
from tests.hourly_facts import Hours, Row
from tests.milp_oracle import add_count_rows, add_site_columns
from tests.oracle import Program, add_share_rows

Terms = dict[Any, float]
# A column that is always 1, so that rows and costs may have constants.
ONE = "one"


def hourly_statement(instance: Instance) -> float | None:
    """Least cost of an instance with slices; None if it has no plan."""
    return Statement(Hours(instance)).program.solve()


def total(*parts: tuple[float, Terms]) -> Terms:
    """Sum of terms, each times a factor."""
    summed: Terms = defaultdict(float)
    for factor, terms in parts:
        for key, value in terms.items():
            summed[key] += factor * value
    return dict(summed)


class Statement:
    """The rows and columns of an instance, gathered one subject after the other."""

    def __init__(self, data: Hours) -> None:
        self.data = data
        self.program = Program()
        self.spent: dict[int, Terms] = {t: {} for t in data.stages}
        self.embodied: dict[int, Terms] = {t: {} for t in data.stages}
        self.emitted: dict[int, Terms] = {t: {} for t in data.stages}
        self.column(ONE)
        self.equal({ONE: 1.0}, 1.0)
        self.cases = [(site, t) for site in data.sites for t in data.stages]
        self.state_sites()
        self.state_upgrades()
        self.state_demand()
        self.state_supply()
        for site, t in self.cases:
            for h in data.positions:
                self.state_balance(site, t, h)
            self.state_storage(site, t)
            self.state_moves(site, t)
            self.state_flexible(site, t)
            self.state_tariffs(site, t)
        for t in data.stages:
            for h in data.positions:
                self.state_connection(t, h)
            self.state_policies(t)

    # Shorthands

    def column(self, *key: Any, whole: bool = False, upper: float = inf) -> Terms:
        """A column, made where it is not there yet, as terms."""
        name = key[0] if len(key) == 1 else key
        if name not in self.program.columns:
            self.program.add_column(name, 0.0, upper, whole)
        return {name: 1.0}

    def at_most(self, terms: Terms, most: float) -> None:
        constant = terms.get(ONE, 0.0)
        rest = {key: value for key, value in terms.items() if key != ONE}
        if most < inf:
            self.program.add_row(rest, -inf, most - constant)

    def at_least(self, terms: Terms, least: float) -> None:
        self.at_most(total((-1.0, terms)), -least)

    def equal(self, terms: Terms, value: float) -> None:
        self.program.add_row(terms, value, value)

    def due(self, price: float, terms: Terms) -> None:
        """Add a discounted price of these terms to the cost."""
        for key, value in terms.items():
            self.program.cost[self.program.columns[key]] += price * value

    def yearly(self, t: int, price: float, terms: Terms) -> None:
        """The same price in each year of a stage."""
        self.due(price * self.data.annuity(t), terms)

    def once(self, t: int, price: float, terms: Terms) -> None:
        """A price that falls in a stage's first year and counts in its budget."""
        self.due(price * self.data.worth(t), terms)
        self.spent[t] = total((1.0, self.spent[t]), (price, terms))

    # Sites, upgrades, demand

    def state_sites(self) -> None:
        """Sites open once and stay open; new capacity fits the hall of an open site."""
        for site in self.data.sites:
            s, block = site["site"], site["block_mw"]
            add_site_columns(self.data, self.program, site)
            self.at_most(self.is_open(s, self.data.stages[-1]), 1.0)
            for t in self.data.stages:
                room_mw = site["max_it_mw"] - site["existing_it_mw"]
                bought = total((1.0, self.installed(site, t)), (-site["existing_it_mw"], {ONE: 1}))
                self.at_most(total((1.0, bought), (-room_mw, self.is_open(s, t))), 0.0)
                # The columns bring their costs; budget and carbon are ours.
                if ("open", s, t) in self.program.columns and not site["existing_it_mw"]:
                    self.spent[t]["open", s, t] = site["opening_cost"]
                    self.embodied[t]["open", s, t] = site["embodied_t"]
                if ("new", s, t) in self.program.columns:
                    unit_mw = 1.0 if isnan(block) else block
                    self.spent[t]["new", s, t] = unit_mw * site["it_cost_per_mw"]
                    self.embodied[t]["new", s, t] = unit_mw * site["embodied_t_per_it_mw"]

    def is_open(self, s: str, t: int) -> Terms:
        keys = [("open", s, u) for u in self.data.stages if u <= t]
        return {key: 1.0 for key in keys if key in self.program.columns}

    def installed(self, site: Row, t: int) -> Terms:
        keys = [("new", site["site"], u) for u in self.data.stages if u <= t]
        unit_mw = 1.0 if isnan(site["block_mw"]) else site["block_mw"]
        bought = {key: unit_mw for key in keys if key in self.program.columns}
        return bought | {ONE: site["existing_it_mw"]}

    def state_upgrades(self) -> None:
        """Upgrades are ordered once, and after those that they follow."""
        for upgrade in self.data.upgrades:
            g, u, first = upgrade["node"], upgrade["upgrade"], upgrade["after"]
            for t in self.data.stages:
                if t >= upgrade["earliest_year"]:
                    order = self.column("order", g, u, t, whole=True, upper=1.0)
                    self.once(t, upgrade["cost"], order)
            self.at_most(self.ordered(g, u, self.data.stages[-1]), 1.0)
        for upgrade in self.data.upgrades:
            g, u, first = upgrade["node"], upgrade["upgrade"], upgrade["after"]
            for t in self.data.stages if first else ():
                earlier = self.ordered(g, first, t)
                self.at_most(total((1.0, self.ordered(g, u, t)), (-1.0, earlier)), 0.0)

    def ordered(self, g: str, u: str, t: int) -> Terms:
        keys = [("order", g, u, o) for o in self.data.stages if o <= t]
        return {key: 1.0 for key in keys if key in self.program.columns}

    def state_demand(self) -> None:
        """Shares add up to one; campaigns run at one site each; rules on shares and sites."""
        data = self.data
        for (r, w, t), mw in data.demand.items():
            shares: Terms = {}
            for site in data.sites:
                if (r, w, site["site"]) in data.may_serve:
                    share = self.column(r, w, site["site"], t)
                    network = data.listed.get((r, site["site"]), {})
                    self.yearly(t, mw * network.get("network_cost_per_mw_year", 0.0), share)
                    shares |= share
            if data.penalty is not None:
                hours = sum(data.weight[h] * data.shape(r, w)[h] for h in data.positions)
                lost = self.column("unserved", r, w, t)
                self.yearly(t, mw * hours * data.penalty, lost)
                shares |= lost
            self.equal(shares, 1.0)
        for campaign in data.campaigns:
            hosts: Terms = {}
            for site in data.sites:
                if data.legal(campaign["workload"], campaign["country"], site):
                    hosts |= self.column("host", campaign["campaign"], site["site"], whole=True)
            if any(campaign["year"] <= t < campaign["until_year"] for t in data.stages):
                self.equal(hosts, 1.0)
        add_share_rows(data, self.program)
        for t in data.stages:
            add_count_rows(data, self.program, t)

    def arriving(self, site: Row, w: str, t: int, h: int) -> Terms:
        """Load of a workload at a site in a slice, before anything moves."""
        shares = {}
        for (r, workload, year), mw in self.data.demand.items():
            key = r, w, site["site"], t
            if workload == w and year == t and key in self.program.columns:
                shares[key] = mw * self.data.shape(r, w)[h]
        return shares

    def load(self, site: Row, t: int, h: int) -> Terms:
        """IT load of a site in a slice, after moving."""
        parts = []
        for w in self.data.workloads:
            parts.append((1.0, self.arriving(site, w, t, h)))
            at = site["site"], w, t, h
            if self.data.movable(site, w):
                parts.append((1.0, self.column("in", *at)))
                parts += [(-1.0, self.column("out", *at)), (-1.0, self.column("cut", *at))]
        for campaign in self.data.campaigns:
            key = "host", campaign["campaign"], site["site"]
            if campaign["year"] <= t < campaign["until_year"] and key in self.program.columns:
                parts.append((campaign["it_mw"], {key: 1.0}))
        return total(*parts)

    def facility(self, site: Row, t: int, h: int) -> Terms:
        pue, idle = self.data.pue(site)[h], site["idle_share"]
        installed, load = self.installed(site, t), self.load(site, t, h)
        return total((pue * idle, installed), (pue * (1 - idle), load))

    # Supply

    def state_supply(self) -> None:
        """What is ordered comes to open sites, may be sold while it stands, and fits."""
        for s, k in self.data.options:
            for unit in self.units(k):
                self.state_orders(s, k, unit)
        for site, t in self.cases:
            taken = [
                (technology["land_ha_per_mw"], self.standing(site["site"], k, t, "mw"))
                for k, technology in self.data.options_at(site)
            ]
            if not isnan(site["land_ha"]):
                self.at_most(total(*taken), site["land_ha"])

    def units(self, k: str) -> tuple[str, ...]:
        return ("mw", "mwh") if self.data.technologies[k]["kind"] == "battery" else ("mw",)

    def state_orders(self, s: str, k: str, unit: str) -> None:
        data, option, technology = self.data, self.data.options[s, k], self.data.technologies[k]
        most = option["max_mw"] if unit == "mw" else option["max_mwh"]
        price = "cost_per_mw" if unit == "mw" else "cost_per_mwh_storage"
        for o in data.stages:
            stages = data.stands(k, o)
            if o < option["earliest_year"] or not stages:
                continue
            order = self.column("buy", unit, s, k, o)
            self.once(o, data.cost(k, price, o), order)
            mass = technology[f"embodied_t_per_{unit}"]
            self.embodied[o] = total((1.0, self.embodied[o]), (mass, order))
            # Nobody needs more at a site that is open than what fills it for a day.
            room = 1e4 if isnan(most) else most
            self.at_most(total((1.0, order), (-room, self.is_open(s, stages[0]))), 0.0)
            sold = []
            for t in stages[1:]:
                sale = self.column("sell", unit, s, k, o, t)
                self.once(t, -data.worth_of_used(k, o, t) * data.cost(k, price, o), sale)
                sold.append((1.0, sale))
            self.at_most(total((-1.0, order), *sold), 0.0)
        for t in data.stages:
            self.at_most(self.standing(s, k, t, unit), inf if isnan(most) else most)
            if unit == "mw":
                standing = self.standing(s, k, t, unit)
                self.yearly(t, technology["fixed_cost_per_mw_year"], standing)

    def standing(self, s: str, k: str, t: int, unit: str) -> Terms:
        parts: list[tuple[float, Terms]] = [(self.data.options[s, k][f"existing_{unit}"], {ONE: 1})]
        for o in self.data.stages:
            key = "buy", unit, s, k, o
            if key in self.program.columns and t in self.data.stands(k, o):
                parts.append((1.0, {key: 1.0}))
                sales = [("sell", unit, s, k, o, x) for x in self.data.stands(k, o)[1:] if x <= t]
                parts.append((-1.0, dict.fromkeys(sales, 1.0)))
        return total(*parts)

    def state_balance(self, site: Row, t: int, h: int) -> None:
        """Power in is power out; everything that runs is paid for, by its energy."""
        data, s = self.data, site["site"]
        node, hours = data.nodes[site["node"]], data.weight[h]
        grid, export = self.column("grid", s, t, h), self.column("export", s, t, h)
        self.at_most(total((1.0, self.load(site, t, h)), (-1.0, self.installed(site, t))), 0.0)
        price = data.price(node)[h]
        self.yearly(t, hours * price, grid)
        self.yearly(t, -hours * node["export_price_share"] * max(0.0, price), export)
        self.emit(t, hours * data.carbon(node)[h] / 1000, grid)
        flows = [(1.0, grid), (-1.0, export), (-1.0, self.facility(site, t, h))]
        own = []
        for k, technology in data.options_at(site):
            key = s, k, t, h
            if technology["kind"] == "battery":
                given = self.column("discharge", *key)
                flows += [(1.0, given), (-1.0, self.column("charge", *key))]
                own.append((-1.0, given))
            else:
                given = self.column("made", *key)
                flows.append((1.0, given))
                available = data.availability(site, k)[h]
                standing = self.standing(s, k, t, "mw")
                self.at_most(total((1.0, given), (-available, standing)), 0.0)
                self.emit(t, hours * technology["carbon_kg_per_mwh"] / 1000, given)
                if technology["kind"] != "ppa":
                    own.append((-1.0, given))
            for year in data.years(t):
                self.due(data.worth(year) * hours * data.energy_cost(k, year), given)
        self.equal(total(*flows), 0.0)
        self.at_most(total((1.0, export), *own), 0.0)

    def emit(self, t: int, tonnes: float, terms: Terms) -> None:
        self.emitted[t] = total((1.0, self.emitted[t]), (tonnes, terms))

    def state_storage(self, site: Row, t: int) -> None:
        """What a battery holds goes round its day, within its MW and its MWh."""
        data, s = self.data, site["site"]
        for k, technology in data.options_at(site):
            if technology["kind"] != "battery":
                continue
            root = sqrt(technology["efficiency"])
            for h in data.positions:
                key = s, k, t, h
                charge, given = self.column("charge", *key), self.column("discharge", *key)
                gain = total((root * data.hours[h], charge), (-data.hours[h] / root, given))
                level = self.column("level", *key)
                before = self.column("level", s, k, t, data.before(h))
                self.equal(total((1.0, level), (-1.0, before), (-1.0, gain)), 0.0)
                mw, mwh = self.standing(s, k, t, "mw"), self.standing(s, k, t, "mwh")
                self.at_most(total((1.0, charge), (-1.0, mw)), 0.0)
                self.at_most(total((1.0, given), (-1.0, mw)), 0.0)
                self.at_most(total((1.0, level), (-1.0, mwh)), 0.0)

    def state_moves(self, site: Row, t: int) -> None:
        """Load leaves its slice in part, for others of its day or for good."""
        data, s = self.data, site["site"]
        for w, workload in data.workloads.items():
            if not data.movable(site, w):
                continue
            for h in data.positions:
                out, cut = self.column("out", s, w, t, h), self.column("cut", s, w, t, h)
                self.yearly(t, data.weight[h] * workload["move_cost_per_mwh"], out)
                self.yearly(t, data.weight[h] * workload["cut_cost_per_mwh"], cut)
                part = total((workload["movable_share"], self.arriving(site, w, t, h)))
                self.at_most(total((1.0, out), (1.0, cut), (-1.0, part)), 0.0)
            for day in data.days():
                moved: list[tuple[float, Terms]] = []
                lost: list[tuple[float, Terms]] = []
                for h in day:
                    hours = data.hours[h]
                    moved.append((hours, self.column("out", s, w, t, h)))
                    moved.append((-hours, self.column("in", s, w, t, h)))
                    lost.append((hours, self.column("cut", s, w, t, h)))
                    share = workload["cut_share"] * hours
                    lost.append((-share, self.arriving(site, w, t, h)))
                self.equal(total(*moved), 0.0)
                self.at_most(total(*lost), 0.0)

    # Connection

    def taken(self, site: Row, t: int, h: int) -> Terms:
        """What a site takes through its connection."""
        contracts = [
            (1.0, self.column("made", site["site"], k, t, h))
            for k, technology in self.data.options_at(site)
            if technology["kind"] == "ppa"
        ]
        return total((1.0, self.column("grid", site["site"], t, h)), *contracts)

    def state_flexible(self, site: Row, t: int) -> None:
        """Whoever draws flexibly holds ready what it takes to do without, and pays for that."""
        data, s = self.data, site["site"]
        _, lost_hours, event_hours = data.flexible(site["node"], t)
        dear = {year: self.column("dear", s, t, year) for year in data.years(t)}
        dirty = self.column("dirty", s, t)
        self.emit(t, 1.0, dirty)
        for year, cost in dear.items():
            self.due(data.worth(year), cost)
        for h in data.positions:
            flexible = self.column("flexible", s, t, h)
            self.at_most(total((1.0, flexible), (-1.0, self.taken(site, t, h))), 0.0)
            ready: list[tuple[str, Terms]] = []
            for k, technology in data.options_at(site):
                if technology["kind"] != "ppa":
                    ready.append((k, self.column("ready", s, k, t, h)))
                    self.state_ready(site, k, t, h, event_hours)
            pauses = []
            for w, workload in data.workloads.items():
                if data.movable(site, w):
                    pause = self.column("pause", s, w, t, h)
                    part = workload["movable_share"]
                    gone = [(1.0, self.column(way, s, w, t, h)) for way in ("out", "cut")]
                    arriving = self.arriving(site, w, t, h)
                    self.at_most(total((1.0, pause), *gone, (-part, arriving)), 0.0)
                    pauses.append((workload["move_cost_per_mwh"], pause))
            saved = data.pue(site)[h] * (1 - site["idle_share"])
            without = [(-1.0, mw) for _, mw in ready] + [(-saved, mw) for _, mw in pauses]
            self.at_most(total((1.0, flexible), *without), 0.0)
            for year, cost in dear.items():
                prices = [(data.energy_cost(k, year), mw) for k, mw in ready] + pauses
                self.at_most(total((lost_hours, total(*prices)), (-1.0, cost)), 0.0)
            kg = [(data.technologies[k]["carbon_kg_per_mwh"], mw) for k, mw in ready]
            self.at_most(total((lost_hours / 1000, total(*kg)), (-1.0, dirty)), 0.0)

    def state_ready(self, site: Row, k: str, t: int, h: int, event_hours: float) -> None:
        """Ready is what is not at work; a battery holds the energy of the longest event."""
        data, s, technology = self.data, site["site"], self.data.technologies[k]
        ready, standing = self.column("ready", s, k, t, h), self.standing(s, k, t, "mw")
        if technology["kind"] != "battery":
            made, available = self.column("made", s, k, t, h), data.availability(site, k)[h]
            self.at_most(total((1.0, ready), (1.0, made), (-available, standing)), 0.0)
            return
        charge, given = self.column("charge", s, k, t, h), self.column("discharge", s, k, t, h)
        self.at_most(total((1.0, ready), (1.0, given), (-1.0, charge), (-1.0, standing)), 0.0)
        root, level = sqrt(technology["efficiency"]), self.column("level", s, k, t, h)
        event = [
            (hours / root, self.column("ready", s, k, t, i))
            for i, hours in data.event(h, event_hours)
        ]
        self.at_most(total(*event, (-1.0, level)), 0.0)

    def state_tariffs(self, site: Row, t: int) -> None:
        """Charges on the highest draw, and fees on what it gains."""
        node, s = self.data.nodes[site["node"]], site["site"]
        peak, gain = self.column("peak", s, t), self.column("gain", s, t)
        self.yearly(t, node["demand_charge_per_mw_year"], peak)
        self.due(self.data.worth(t) * node["connection_fee_per_mw"], gain)
        for h in self.data.positions:
            self.at_most(total((1.0, self.taken(site, t, h)), (-1.0, peak)), 0.0)
        gains = [(-1.0, self.column("gain", s, u)) for u in self.data.stages if u <= t]
        self.at_most(total((1.0, peak), *gains), 0.0)

    def state_connection(self, t: int, h: int) -> None:
        """What nodes and corridors carry in a slice."""
        data = self.data
        net: dict[str, Terms] = {}
        for g, node in data.nodes.items():
            sites = [site for site in data.sites if site["node"] == g]
            taken = [(1.0, self.taken(site, t, h)) for site in sites]
            flexible = [(1.0, self.column("flexible", site["site"], t, h)) for site in sites]
            sold = [(1.0, self.column("export", site["site"], t, h)) for site in sites]
            upgrades = [
                (-upgrade["mw"], self.ordered(g, upgrade["upgrade"], t - upgrade["lead_years"]))
                for upgrade in data.upgrades
                if upgrade["node"] == g
            ]
            firm = total(*taken, *((-1.0, mw) for _, mw in flexible), *upgrades)
            self.at_most(firm, data.firm_mw(g, t) if sites else inf)
            self.at_most(total(*flexible), data.flexible(g, t)[0])
            self.at_most(total(*sold), node["export_mw"])
            net[g] = total(*taken, (-1.0, total(*sold)))
        for c, factors in data.corridors.items():
            carried = total(*((factor, net[g]) for g, factor in factors))
            self.at_most(carried, data.corridor_mw(c, t))

    # Policies

    def state_policies(self, t: int) -> None:
        """Budget, carbon, water and clean energy."""
        data = self.data
        self.at_most(self.spent[t], data.policy("capital_budget", t, inf))
        water, facility = [], []
        for site in data.sites:
            for h in data.positions:
                hours, needed = data.weight[h], self.facility(site, t, h)
                facility.append((hours, needed))
                water.append((site["water_l_per_kwh"] * hours / data.pue(site)[h], needed))
        for year in data.years(t):
            first = self.embodied[t] if year == t else {}
            tonnes = total((1.0, self.emitted[t]), (1.0, first))
            self.due(data.worth(year) * data.policy("carbon_price", year, 0.0), tonnes)
            self.at_most(tonnes, data.policy("carbon_cap", year, inf))
            self.at_most(total(*water), data.policy("water_cap", year, inf))
            share = data.policy("clean_share", year, 0.0)
            if share > 0:
                clean = self.matched(t) if data.hourly(year) else self.clean(t)
                self.at_least(total((1.0, clean), (-share, total(*facility))), 0.0)

    def clean_power(self, site: Row, t: int, h: int) -> Iterable[tuple[float, Terms]]:
        """Clean power of a site in a slice, less what it sells."""
        s = site["site"]
        yield self.data.nodes[site["node"]]["clean_share"], self.column("grid", s, t, h)
        yield -1.0, self.column("export", s, t, h)
        for k, technology in self.data.options_at(site):
            if technology["clean"] and technology["kind"] != "battery":
                yield 1.0, self.column("made", s, k, t, h)

    def clean(self, t: int) -> Terms:
        return total(
            *(
                (self.data.weight[h], total(*self.clean_power(site, t, h)))
                for site in self.data.sites
                for h in self.data.positions
            )
        )

    def matched(self, t: int) -> Terms:
        """Clean energy that counts by the hour."""
        parts = []
        for site in self.data.sites:
            batteries = [k for k, row in self.data.options_at(site) if row["kind"] == "battery"]
            for h in self.data.positions:
                clean = list(self.clean_power(site, t, h))
                for k in batteries:
                    clean.append((1.0, self.column("discharge", site["site"], k, t, h)))
                    clean.append((-1.0, self.column("charge", site["site"], k, t, h)))
                counted = self.column("matched", site["site"], t, h)
                self.at_most(total((1.0, counted), (-1.0, total(*clean))), 0.0)
                self.at_most(total((1.0, counted), (-1.0, self.facility(site, t, h))), 0.0)
                parts.append((self.data.weight[h], counted))
        return total(*parts)
