"use strict";
// Cards: all that is known of a site, a node or a region in a stage.

// Users' countries; colours of operators' would mislead.
const shades = ["#123c5a", "#1f5b84", "#3a7ca8", "#659dc2", "#95bdd8", "#c3d9e8"];
const card = document.getElementById("card");
const kinds = {
  max_share_country: "at most a part in one country",
  max_share_operator: "at most a part with one operator",
  max_share_operator_outside: "at most a part with operators controlled from elsewhere",
  min_share_at_home: "at least a part at home",
  min_sites_in: "at least so many sites",
  site_in: "sites within",
  site_not_in: "no sites within",
  operator_in: "operators controlled from",
  operator_not_in: "no operators controlled from",
};

const facts = (rows) => el("dl", {}, ...rows.filter(Boolean).flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
const section = (title, ...children) => [el("h3", {}, title), ...children];

// A row for each stage, the one that is shown marked.
function stageTable(headings, cells) {
  return el("table", {},
    el("thead", {}, el("tr", {}, ...headings.map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, ...years.map((year, stage) => el("tr", { className: stage === view.stage ? "now" : "" },
      el("th", { scope: "row" }, String(year)), ...cells(stage).map((text) => el("td", {}, text))))));
}

// Parts of a whole as a bar, with a list that says the same.
function parts(rows, say) {
  const total = sum(rows.map(([, value]) => Math.max(0, value)));
  const bar = el("div", { className: "bar" });
  bar.setAttribute("aria-hidden", "true");
  const list = el("ul", { className: "key" });
  rows.forEach(([label, value, colour]) => {
    const part = el("i");
    part.style.width = `${100 * Math.max(0, value) / (total || 1)}%`;
    part.style.background = colour;
    bar.append(part);
    list.append(el("li", {}, sign("rect", 6, { fill: colour }), name(label), el("span", {}, `${say(value)} · ${percent(value, total)}`)));
  });
  return [bar, list];
}

function siteCard(i) {
  const { stage } = view;
  const of = (column) => sites[column][i][stage];
  const node = sites.node[i];
  return [
    el("p", {}, "Run by ", name(sites.operator[i] || "nobody named"), `, controlled from ${country(sites.control[i])}. Stands in ${country(sites.country[i])}.`),
    of("installed_it_mw") > 0 ? null : el("p", {}, `Not used in ${years[stage]}.`),
    facts([
      ["IT capacity", `${number(of("installed_it_mw"))} of ${number(sites.most[i])} MW`],
      ["added in this stage", mw(of("new_it_mw"))],
      ["highest IT load", mw(of("served_it_mw"))],
      ["highest power need", mw(of("facility_mw"))],
      ["carbon", `${tonnes(of("carbon_t"))} a year`],
      ["carbon by MWh of IT", of("it_mwh") > 0 ? `${number(carbonOf(i, stage))} kg` : "–"],
    ]),
    stageTable(["Stage", "IT MW", "Power MW", "Cost"], (s) => [
      number(sites.installed_it_mw[i][s]), number(sites.facility_mw[i][s]), money(costOf(i, s)),
    ]),
    ...section("What limits it", limitList(i)),
    ...section("Grid", el("p", {}, "Draws from ", name(nodes.name[node]), `: ${nodeLine(node)}.`)),
    ...section(`Energy in a year of ${years[stage]}`, ...energy(i)),
    ...served(i),
    ...rulesOf(i),
    ...costs(i),
  ].filter(Boolean);
}

function limitList(i) {
  const found = limits.filter(([bit]) => bit && sites.binding[i][view.stage] & bit).map(([, , label]) => label);
  return el("ul", {}, ...(found.length ? found : ["Neither grid, hall nor a rule: cost decides"]).map((text) => el("li", {}, `${text}.`)));
}

function nodeLine(node) {
  const of = (column) => nodes[column][node][view.stage];
  const hours = nodes.binding_hours?.[node][view.stage] ? `, full in ${whole.format(of("binding_hours"))} hours a year` : "";
  return `${mw(of("firm_mw"))} firm, ${mw(of("upgrade_mw"))} added by upgrades, ${mw(of("drawn_mw"))} drawn, ${mw(Math.max(0, of("headroom_mw")))} free${hours}`;
}

function energy(i) {
  const all = sites.facility_mwh[i][view.stage];
  if (!all) return [el("p", {}, "None is used.")];
  if (!sites.sources) return [el("p", {}, `${gwh(all)}, all of it from the grid.`)];
  const rows = sites.sources.map(([key, label, colour]) => [label, sites[key][i][view.stage], colour]).filter(([, value]) => value > 0);
  const own = sites.standing[i][view.stage].map(([technology, megawatts, mwh, role]) => (
    el("li", {}, name(technology), `: ${mw(megawatts)}${mwh ? `, ${number(mwh)} MWh` : ""} (${role})`)
  ));
  return [...parts(rows, gwh), own.length ? el("p", {}, "Stands there:") : null, own.length ? el("ul", {}, ...own) : null].filter(Boolean);
}

function served(i) {
  const found = sites.serves[i][view.stage];
  if (!found) return section("Who is served", el("p", {}, "Nobody."));
  const [count, rtt, byCountry, byWorkload, byRegion] = found;
  const many = byCountry.slice(0, 6), rest = sum(byCountry.slice(6).map(([, megawatts]) => megawatts));
  const rows = many.map(([code, megawatts], n) => [country(code), megawatts, shades[n]]);
  const more = count - byRegion.length;
  return section("Who is served",
    el("p", {}, `${count} ${count === 1 ? "region" : "regions"}, ${number(rtt)} ms away and back on average.`),
    ...parts(rest > 0 ? [...rows, [`${byCountry.length - 6} others`, rest, others]] : rows, mw),
    el("p", { className: "faint" }, ...byRegion.flatMap(([region, megawatts], n) => [n ? ", " : "", name(regions.name[region]), ` ${mw(megawatts)}`]), more > 0 ? ` and ${more} more.` : "."),
    el("p", { className: "faint" }, ...byWorkload.flatMap(([workload, megawatts], n) => [n ? ", " : "For ", name(workload), ` ${mw(megawatts)}`]), "."));
}

function rulesOf(i) {
  const { names, rows, of_sites: own, barred } = sites.rules;
  const kept = own[i].map((row) => rows[row]).filter(([, , by]) => by[view.stage][2] !== null)
    .sort(([, , a], [, , b]) => a[view.stage][2] - b[view.stage][2]);
  const said = kept.map(([rule, subject, by]) => {
    const [value, limit, margin] = by[view.stage];
    const unit = names[rule][1] === "min_sites_in" ? "sites" : "MW";
    const about = subject === "*" ? "" : ` (${country(subject)})`;
    return el("li", {}, name(names[rule][0]), ": ", name(`${kinds[names[rule][1]] ?? names[rule][1]}${about}`), `. ${number(value)} against ${number(limit)} ${unit}, margin ${number(Math.max(0, margin))}.`);
  });
  const closed = barred[i].map((rule) => {
    const [id, kind, workload, users, group] = names[rule];
    const whom = `${workload === "*" ? "any workload" : workload} for ${users === "*" ? "anybody" : users}`;
    return el("li", {}, "Not ", name(whom), ": ", name(id), " (", name(`${kinds[kind] ?? kind} ${group}`), ").");
  });
  const none = el("p", {}, "No rule speaks of it.");
  return section("Rules", said.length + closed.length ? el("ul", {}, ...closed, ...said) : none);
}

const costOf = (i, stage) => sum(Object.values(sites.costs).map((by) => by[i]?.[stage] ?? 0));

function costs(i) {
  const rows = Object.entries(sites.costs).map(([kind, by]) => [kind, by[i]?.[view.stage] ?? 0]).filter(([, cost]) => cost);
  const table = el("table", {}, el("tbody", {}, ...rows.map(([kind, cost]) => el("tr", {}, el("th", { scope: "row" }, kind), el("td", {}, money(cost))))));
  const levelised = sites.levelised?.[i] ?? null;
  return section(`Cost of stage ${years[view.stage]}, not discounted`, rows.length ? table : el("p", {}, "None."),
    levelised === null ? "" : el("p", {}, `Over all stages, discounted: ${number(levelised)} ${plan.currency} for a MWh of IT.`));
}

function nodeCard(i) {
  const own = indices(sites).filter((site) => sites.node[site] === i && sites.installed_it_mw[site][view.stage] > 0);
  return [
    el("p", {}, `Grid node in ${country(nodes.country[i])}: ${nodeLine(i)}.`),
    stageTable(["Stage", "Firm", "Added", "Drawn", "Free MW"], (s) => ["firm_mw", "upgrade_mw", "drawn_mw", "headroom_mw"].map((column) => number(Math.max(0, nodes[column][i][s])))),
    ...section("Sites behind it", el("ul", {}, ...own.map((site) => el("li", {}, name(sites.name[site]), `, ${mw(sites.installed_it_mw[site][view.stage])} of IT`)))),
  ];
}

// The page knows the flows that it draws; what is left comes by smaller ones, or from next door.
function servedFrom(i) {
  const own = flows.stages[view.stage].map(([number, megawatts]) => [ways[number], megawatts]).filter(([way]) => way.region === i);
  const rest = regions.demand_it_mw[i][view.stage] - regions.unserved_it_mw[i][view.stage] - sum(own.map(([, megawatts]) => megawatts));
  const rows = own.map(([way, megawatts]) => el("li", {}, name(sites.name[way.site]), `, ${country(sites.country[way.site])}: ${mw(megawatts)}`));
  return [el("ul", {}, ...rows, rest > 0.01 ? el("li", {}, `sites at the same place, or by flows that are not drawn: ${mw(rest)}`) : null)];
}

function regionCard(i) {
  const of = (column) => regions[column][i][view.stage];
  const demand = of("demand_it_mw");
  return [
    el("p", {}, `Users in ${country(regions.country[i])}.`),
    facts([
      ["demand", `${mw(demand)} of IT`],
      ["served from abroad", percent(of("abroad_it_mw"), demand)],
      ["not served", mw(of("unserved_it_mw"))],
      ["mean round trip", `${number(of("mean_rtt_ms"))} ms`],
    ]),
    ...section("Served from", ...servedFrom(i)),
    stageTable(["Stage", "MW", "Abroad", "Round trip"], (s) => [
      number(regions.demand_it_mw[i][s]), percent(regions.abroad_it_mw[i][s], regions.demand_it_mw[i][s]), `${number(regions.mean_rtt_ms[i][s])} ms`,
    ]),
  ];
}

const cards = { site: [sites, siteCard], node: [nodes, nodeCard], region: [regions, regionCard] };
let opener = null;

function fillCard() {
  if (view.chosen === null) return;
  const [things, body] = cards[view.chosen.kind];
  document.getElementById("card-title").replaceChildren(name(things.name[view.chosen.i]));
  document.getElementById("card-body").replaceChildren(...body(view.chosen.i));
}

function openCard(kind, i, from) {
  view.chosen = { kind, i };
  opener = from;
  fillCard();
  card.hidden = false;
  card.scrollTop = 0;
  document.getElementById("panel").inert = true;
  document.getElementById("card-title").focus();
  drawFlows();
}

function closeCard() {
  view.chosen = null;
  card.hidden = true;
  document.getElementById("panel").inert = false;
  (opener?.isConnected ? opener : map.getContainer()).focus();
  drawFlows();
}
