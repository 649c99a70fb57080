"use strict";
// Cards: all that is known of a site, a node or a region in a stage.

// Users' countries; colours of operators' would mislead.
const shades = ["#123c5a", "#1f5b84", "#3a7ca8", "#659dc2", "#95bdd8", "#c3d9e8"];
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

const text = (...children) => el("p", {}, ...children);
const item = (...children) => el("li", {}, ...children);
const cells = (tag, texts, properties) => texts.map((one) => el(tag, properties, one));
const section = (title, ...children) => [el("h3", {}, title), ...children];
const facts = (rows) => el("dl", {}, ...rows.filter(Boolean).flatMap(
  ([term, value]) => [el("dt", {}, term), el("dd", {}, value)],
));

// A row for each stage, the one that is shown marked.
function stageTable(headings, ofStage) {
  const rows = years.map((year, stage) => el("tr", { className: stage === view.stage ? "now" : "" },
    el("th", { scope: "row" }, String(year)), ...cells("td", ofStage(stage))));
  const head = el("tr", {}, ...cells("th", ["Stage", ...headings], { scope: "col" }));
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
}

// Parts of a whole as a bar, with a list that says the same.
function parts(rows, say) {
  const total = sum(rows.map(([, value]) => value));
  const bar = el("div", { className: "bar" });
  bar.setAttribute("aria-hidden", "true");
  const list = el("ul", { className: "key" });
  rows.forEach(([label, value, colour]) => {
    const part = el("i");
    part.style.width = `${100 * value / total}%`;
    part.style.background = colour;
    bar.append(part);
    const share = el("span", {}, `${say(value)} · ${percent(value, total)}`);
    list.append(item(sign("rect", 6, { fill: colour }), name(label), share));
  });
  return [bar, list];
}

// Names with megawatts in one line.
const inLine = (lead, pairs, end) => el("p", { className: "faint" }, lead,
  ...pairs.flatMap(([label, megawatts], n) => [n ? ", " : "", name(label), ` ${mw(megawatts)}`]), end);

function siteCard(i) {
  const { stage } = view;
  const of = (column) => sites[column][i][stage];
  const node = sites.node[i];
  const where = `, controlled from ${country(sites.control[i])}. Stands in ${country(sites.country[i])}.`;
  return [
    text("Run by ", name(sites.operator[i] || "nobody named"), where),
    of("installed_it_mw") > 0 ? null : text(`Not used in ${years[stage]}.`),
    facts([
      ["IT capacity", `${number(of("installed_it_mw"))} of ${number(sites.most[i])} MW`],
      ["added in this stage", mw(of("new_it_mw"))],
      ["highest IT load", mw(of("served_it_mw"))],
      ["highest power need", mw(of("facility_mw"))],
      ["carbon", `${tonnes(of("carbon_t"))} a year`],
      ["carbon by MWh of IT", of("it_mwh") > 0 ? `${number(carbonOf(i, stage))} kg` : "–"],
    ]),
    stageTable(["IT MW", "Power MW", "Cost"], (s) => [
      number(sites.installed_it_mw[i][s]), number(sites.facility_mw[i][s]), money(costOf(i, s)),
    ]),
    ...section("What limits it", limitList(i)),
    ...section("Grid", text("Draws from ", name(nodes.name[node]), `: ${nodeLine(node)}.`)),
    ...section(`Energy in a year of ${years[stage]}`, ...energy(i)),
    ...section("Who is served", ...served(i)),
    ...section("Rules", ruleList(i)),
    ...section(`Cost of stage ${years[stage]}, not discounted`, ...costs(i)),
  ];
}

function limitList(i) {
  const found = limits.filter(([bit]) => bit & sites.binding[i][view.stage]).map(([, , label]) => label);
  const said = found.length ? found : ["Neither grid, hall nor a rule: cost decides"];
  return el("ul", {}, ...said.map((label) => item(`${label}.`)));
}

function nodeLine(node) {
  const of = (column) => nodes[column]?.[node][view.stage];
  return [
    `${mw(of("firm_mw"))} firm`,
    `${mw(of("upgrade_mw"))} added by upgrades`,
    `${mw(of("drawn_mw"))} drawn`,
    `${mw(Math.max(0, of("headroom_mw")))} free`,
    of("binding_hours") ? `full in ${whole.format(of("binding_hours"))} hours a year` : "",
  ].filter(Boolean).join(", ");
}

function energy(i) {
  const all = sites.facility_mwh[i][view.stage];
  if (!all) return [text("None is used.")];
  if (!sites.sources) return [text(`${gwh(all)}, all of it from the grid.`)];
  const rows = sites.sources.map(([key, label, colour]) => [label, sites[key][i][view.stage], colour]);
  const stands = sites.standing[i][view.stage].map(([technology, megawatts, mwh, role]) => (
    item(name(technology), `: ${mw(megawatts)}${mwh ? `, ${number(mwh)} MWh` : ""} (${role})`)
  ));
  const own = stands.length ? [text("Stands there:"), el("ul", {}, ...stands)] : [];
  return [...parts(rows.filter(([, value]) => value > 0), gwh), ...own];
}

function served(i) {
  const found = sites.serves[i][view.stage];
  if (!found) return [text("Nobody.")];
  const [count, rtt, byCountry, byWorkload, byRegion] = found;
  const rows = byCountry.slice(0, shades.length)
    .map(([code, megawatts], n) => [country(code), megawatts, shades[n]]);
  const rest = byCountry.slice(shades.length);
  const restMw = sum(rest.map(([, megawatts]) => megawatts));
  if (rest.length) rows.push([`${rest.length} more`, restMw, others]);
  const more = count - byRegion.length;
  const named = byRegion.map(([region, megawatts]) => [regions.name[region], megawatts]);
  return [
    text(`${count} ${count === 1 ? "region" : "regions"}, ${number(rtt)} ms away and back on average.`),
    ...parts(rows, mw),
    inLine("Most: ", named, more ? ` and ${more} more.` : "."),
    inLine("By workload: ", byWorkload, "."),
  ];
}

function ruleList(i) {
  const { names, rows, of_sites: own, barred } = sites.rules;
  const closed = barred[i].map((rule) => {
    const [id, kind, workload, users, group] = names[rule];
    const whom = `${workload === "*" ? "any workload" : workload} for ${users === "*" ? "anybody" : users}`;
    return item("Not ", name(whom), ": ", name(id), " (", name(`${kinds[kind]} ${group}`), ").");
  });
  const kept = own[i].map((row) => rows[row])
    .map(([rule, subject, by]) => [rule, subject, ...by[view.stage]])
    .filter(([, , , , margin]) => margin !== null)
    .sort((a, b) => a[4] - b[4])
    .map(([rule, subject, value, limit, margin]) => {
      const [id, kind] = names[rule];
      const asked = kinds[kind] + (subject === "*" ? "" : ` (${country(subject)})`);
      const unit = kind === "min_sites_in" ? "sites" : "MW";
      const figures = `${number(value)} against ${number(limit)} ${unit}, margin ${number(Math.max(0, margin))}`;
      return item(name(id), ": ", name(asked), `. ${figures}.`);
    });
  const said = [...closed, ...kept];
  return said.length ? el("ul", {}, ...said) : text("No rule speaks of it.");
}

const costOf = (i, stage) => sum(Object.values(sites.costs).map((by) => by[i]?.[stage] ?? 0));

function costs(i) {
  const rows = Object.entries(sites.costs)
    .map(([kind, by]) => [kind, by[i]?.[view.stage] ?? 0])
    .filter(([, cost]) => cost)
    .map(([kind, cost]) => el("tr", {}, el("th", { scope: "row" }, kind), el("td", {}, money(cost))));
  const each = sites.levelised?.[i] ?? null;
  return [
    rows.length ? el("table", {}, el("tbody", {}, ...rows)) : text("None."),
    each === null ? null : text(`Over all stages, discounted: ${number(each)} ${currency} for a MWh of IT.`),
  ];
}

function nodeCard(i) {
  const installed = (site) => sites.installed_it_mw[site][view.stage];
  const own = indices(sites).filter((site) => sites.node[site] === i && installed(site) > 0);
  const columns = ["firm_mw", "upgrade_mw", "drawn_mw", "headroom_mw"];
  return [
    text(`Grid node in ${country(nodes.country[i])}: ${nodeLine(i)}.`),
    stageTable(["Firm", "Added", "Drawn", "Free MW"], (s) => (
      columns.map((column) => number(Math.max(0, nodes[column][i][s])))
    )),
    ...section("Sites behind it", el("ul", {}, ...own.map((site) => (
      item(name(sites.name[site]), `, ${mw(installed(site))} of IT`)
    )))),
  ];
}

function regionCard(i) {
  const of = (column, stage = view.stage) => regions[column][i][stage];
  const abroad = (stage) => percent(of("abroad_it_mw", stage), of("demand_it_mw", stage));
  const rtt = (stage) => `${number(of("mean_rtt_ms", stage))} ms`;
  return [
    text(`Users in ${country(regions.country[i])}.`),
    facts([
      ["demand", `${mw(of("demand_it_mw"))} of IT`],
      ["served from abroad", abroad()],
      ["not served", mw(of("unserved_it_mw"))],
      ["mean round trip", rtt()],
    ]),
    ...section("Served from", servedFrom(i)),
    stageTable(["MW", "Abroad", "Round trip"], (s) => [number(of("demand_it_mw", s)), abroad(s), rtt(s)]),
  ];
}

// The page knows the flows that it draws; what is left comes by smaller ones, or from next door.
function servedFrom(i) {
  const own = flows.stages[view.stage].filter(([way]) => ways[way].region === i);
  const known = sum(own.map(([, megawatts]) => megawatts));
  const rest = regions.demand_it_mw[i][view.stage] - regions.unserved_it_mw[i][view.stage] - known;
  const said = own.map(([way, megawatts]) => {
    const { site } = ways[way];
    return item(name(sites.name[site]), `, ${country(sites.country[site])}: ${mw(megawatts)}`);
  });
  if (rest > 0.01) said.push(item(`sites at the same place, or by flows that are not drawn: ${mw(rest)}`));
  return el("ul", {}, ...said);
}

const cards = { site: [sites, siteCard], node: [nodes, nodeCard], region: [regions, regionCard] };
let opener = null;

function fillCard() {
  if (view.chosen === null) return;
  const { kind, i } = view.chosen;
  const [things, body] = cards[kind];
  $("card-title").replaceChildren(name(things.name[i]));
  $("card-body").replaceChildren(...body(i).filter(Boolean));
}

function showCard(shown) {
  $("card").hidden = !shown;
  $("panel").inert = shown;
  drawFlows();
}

function openCard(kind, i, from) {
  view.chosen = { kind, i };
  opener = from;
  fillCard();
  showCard(true);
  $("card").scrollTop = 0;
  $("card-title").focus();
}

function closeCard() {
  view.chosen = null;
  showCard(false);
  (opener?.isConnected ? opener : map.getContainer()).focus();
}
