"use strict";
// What the colour of a site says: who controls it, what limits it, or how dirty its power is.

const { categories, others } = plan.colours;
const GRID = 1, HALL = 2, RULE = 4;

// Countries by what their operators have installed at last; the largest get colours of their own.
function controllers() {
  const last = years.length - 1;
  const total = new Map();
  indices(sites).forEach((i) => {
    const most = largest(sites.installed_it_mw[i]);
    if (most > 0) total.set(sites.control[i], (total.get(sites.control[i]) ?? 0) + sites.installed_it_mw[i][last]);
  });
  const order = [...total.keys()].sort((a, b) => total.get(b) - total.get(a));
  const own = order.length > categories.length ? categories.length - 1 : categories.length;
  return { order, colour: new Map(order.slice(0, own).map((code, i) => [code, categories[i]])) };
}

const control = controllers();
const limits = [
  [GRID, "#d55e00", "The grid connection is full"],
  [HALL, "#0072b2", "The hall is full"],
  [RULE, "#cc79a7", "A rule is at its limit"],
  [0, "#009e73", "None of these: cost decides"],
];
// Light to dark, so that it can be read in grey.
const carbon = [
  [50, "#fde289"], [150, "#fbb84c"], [300, "#ee8430"], [500, "#b94a16"], [Infinity, "#5f1d0b"],
];
const carbonOf = (i, stage) => (
  sites.it_mwh[i][stage] > 0 ? 1000 * sites.carbon_t[i][stage] / sites.it_mwh[i][stage] : 0
);
const firstLimit = (i, stage) => limits.find(([bit]) => bit === 0 || sites.binding[i][stage] & bit);

const modes = {
  control: {
    label: "Who controls the operator",
    colour: (i) => control.colour.get(sites.control[i]) ?? others,
    legend() {
      const rest = control.order.filter((code) => !control.colour.has(code));
      const rows = [...control.colour].map(([code, colour]) => [colour, country(code)]);
      return rest.length ? [...rows, [others, `${rest.length} others: ${rest.join(", ")}`]] : rows;
    },
  },
  limit: {
    label: "What limits the site",
    colour: (i, stage) => firstLimit(i, stage)[1],
    legend: () => limits.map(([, colour, label]) => [colour, label]),
  },
  carbon: {
    label: "Carbon per MWh of IT",
    edge: "#6d7781",
    colour: (i, stage) => carbon.find(([below]) => carbonOf(i, stage) < below)[1],
    legend: () => carbon.map(([below, colour], n) => [
      colour,
      n === 0 ? `below ${below} kg` : below === Infinity ? `${carbon[n - 1][0]} kg and more` : `${carbon[n - 1][0]} to ${below} kg`,
    ]),
  },
};
