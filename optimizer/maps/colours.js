"use strict";
// What the colour of a site says: who controls it, what limits it, or how dirty its power is.

const { others } = plan;
const GRID = 1, HALL = 2, RULE = 4;
const control = new Map(plan.control);
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
    colour: (i) => control.get(sites.control[i]) ?? others,
    legend() {
      const used = sites.control.filter((_, i) => largest(sites.installed_it_mw[i]) > 0);
      const rest = [...new Set(used)].filter((code) => !control.has(code)).sort();
      const rows = [...control].map(([code, colour]) => [colour, country(code)]);
      return rest.length ? [...rows, [others, `${rest.length} more: ${rest.join(", ")}`]] : rows;
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
    legend: () => carbon.map(([below, colour], n) => {
      if (n === 0) return [colour, `below ${below} kg`];
      const from = carbon[n - 1][0];
      return [colour, below === Infinity ? `${from} kg and more` : `${from} to ${below} kg`];
    }),
  },
};
