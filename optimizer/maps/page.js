"use strict";
// Controls around the map, and the first drawing.

const slider = $("stage"), play = $("play");
const layerNames = {
  sites: ["Sites in use", sign("circle", 6, { fill: "#0072b2", stroke: "#fff" })],
  unused: ["Sites not used", sign("circle", 4, { fill: "#fff", stroke: "#6d7781" })],
  nodes: ["Grid nodes: power, drawn part", sign("rect", 6, { fill: "#b9bfc5", stroke: "#1d2733" })],
  regions: ["Demand", sign("circle", 6, { fill: "#46525e", "fill-opacity": 0.3 })],
  flows: ["Who is served from where", sign("line", 8, { stroke: "#6aaad0", "stroke-width": 2 })],
};

function showStage(stage) {
  view.stage = stage;
  slider.value = stage;
  slider.setAttribute("aria-valuetext", String(years[stage]));
  $("year").textContent = years[stage];
  draw();
  fillCard();
  fillPanel();
}

function fillPanel() {
  const { stages } = plan, s = view.stage;
  $("stage-title").textContent = `Stage ${years[s]}`;
  const demand = stages.served[s] + stages.unserved[s];
  $("sums").replaceWith(Object.assign(facts([
    ["IT capacity", mw(stages.installed[s])],
    ["added in this stage", mw(stages.new[s])],
    ["sites in use", number(stages.open[s])],
    ["served from abroad", percent(stages.abroad[s], demand)],
    stages.unserved[s] > 1e-6 ? ["demand not served", mw(stages.unserved[s])] : null,
    ["carbon", `${tonnes(stages.carbon[s])} a year`],
    ["cost of the stage, not discounted", money(stages.cost[s])],
  ]), { id: "sums" }));
  const [few, all, fewMw, allMw] = flows.drawn[s];
  const lost = Object.entries({ sites, nodes, regions })
    .map(([what, things]) => [what, things.key.length - onMap(things).length])
    .filter(([, count]) => count)
    .map(([what, count]) => `${what} (${count})`);
  const unplaced = lost.length ? ` Without coordinates, and so not on the map: ${lost.join(", ")}.` : "";
  const left = `the others carry ${percent(allMw - fewMw, allMw)} of the load`;
  $("left-out").textContent = (few < all
    ? `${whole.format(few)} of ${whole.format(all)} flows are drawn, the largest; ${left}.`
    : `All ${whole.format(all)} flows are drawn.`) + unplaced;
  const order = indices(sites).filter((i) => sites.installed_it_mw[i][s] > 0)
    .sort((i, j) => sites.installed_it_mw[j][s] - sites.installed_it_mw[i][s]);
  $("list").querySelector("ol").replaceChildren(...order.map((i) => {
    const size = el("span", {}, mw(sites.installed_it_mw[i][s]));
    const button = el("button", { type: "button" }, name(sites.name[i]), size);
    button.addEventListener("click", () => openCard("site", i, button));
    return el("li", {}, button);
  }));
}

function fillLegend() {
  const edged = (shape, stroke) => sign(shape, 5, { fill: "none", stroke, "stroke-width": 2 });
  const colours = modes[view.mode].legend().map(([fill, label]) => item(sign("circle", 6, { fill }), label));
  const unserved = item(edged("circle", "#d55e00"), "Orange ring: demand not served");
  $("legend").replaceChildren(
    ...colours,
    item(edged("circle", "#111"), "Black ring: added in this stage"),
    item(edged("rect", "#d55e00"), "Orange frame: nothing left at the node"),
    ...(sum(plan.stages.unserved) > 1e-6 ? [unserved] : []),
  );
}

function showMode(mode) {
  view.mode = mode;
  fillLegend();
  draw();
}

// Three round sizes, as large as they are on the map now.
function showSizes() {
  const step = 10 ** Math.floor(Math.log10(mostMw));
  const top = [5, 2, 1].find((factor) => factor * step <= mostMw) * step;
  const shown = [top / 10, top / 2, top].filter((size) => radius(size) <= 60);
  $("sizes").setAttribute("aria-label", "Areas of circles and squares stand for megawatts");
  $("sizes").replaceChildren(...shown.map((size) => (
    el("span", {}, sign("circle", radius(size), { fill: "none", stroke: "#55606c" }), mw(size))
  )), el("span", {}, "Areas stand for MW, of circles and squares alike."));
}

function choice(type, group, value, checked, label, changed) {
  const input = el("input", { type, name: group, value, checked });
  input.addEventListener("change", () => changed(input.checked));
  return el("label", {}, input, ...label);
}

let playing = null;

function stop() {
  clearInterval(playing);
  playing = null;
  play.textContent = "Play";
}

function toggle() {
  if (playing !== null) {
    stop();
    return;
  }
  play.textContent = "Pause";
  showStage(view.stage === years.length - 1 ? 0 : view.stage + 1);
  playing = setInterval(() => {
    if (view.stage === years.length - 1) stop();
    else showStage(view.stage + 1);
  }, 1500);
}

const gap = `${digits.format(100 * plan.gap)} %`;
$("subtitle").textContent = `${years[0]} to ${years.at(-1)}. Plan: ${plan.status}, gap ${gap}.`;
slider.max = years.length - 1;
slider.addEventListener("input", () => { stop(); showStage(Number(slider.value)); });
play.addEventListener("click", toggle);
play.disabled = slider.disabled = years.length < 2;
const every = Math.ceil(years.length / (small ? 6 : 12));
$("ticks").append(...years.map((year, s) => el("span", {}, s % every ? "" : String(year))));
$("modes").append(...Object.entries(modes).map(([mode, { label }]) => (
  choice("radio", "mode", mode, mode === view.mode, [label], () => showMode(mode))
)));
$("layers").append(...Object.entries(layerNames).map(([layer, [label, picture]]) => (
  choice("checkbox", layer, layer, on[layer], [picture, label], (checked) => {
    on[layer] = checked;
    draw();
  })
)));
const { named, assumed, all } = plan.sources;
$("sources").append(
  el("p", {}, `${assumed} of ${all} entries of the instance's list of sources are assumptions.`),
  el("ul", {}, ...named.map(([source, licence]) => item(name(source), licence && ` (${licence})`))),
);
$("sources").hidden = all === 0;
$("close").addEventListener("click", closeCard);
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && view.chosen !== null) closeCard();
});
map.on("click", ({ containerPoint }) => {
  const meant = nearestSpot(containerPoint);
  if (meant !== null) openCard("site", meant, drawn.sites[meant].getElement());
  else if (view.chosen !== null) closeCard();
});
map.on("zoomend", () => { arrangeSites(); drawGrid(); drawSites(); showSizes(); });
// Browsers lay a page out for paper after this, too late to draw the map as large as it will be.
let onScreen = null;
addEventListener("beforeprint", () => {
  const shown = map.getBounds();
  onScreen = [map.getCenter(), map.getZoom()];
  document.body.classList.add("paper");
  map.invalidateSize({ animate: false }).fitBounds(shown, { animate: false });
});
addEventListener("afterprint", () => {
  document.body.classList.remove("paper");
  map.invalidateSize({ animate: false }).setView(...onScreen, { animate: false });
});

makeSpots();
fit();
drawLand();
arrangeSites();
fillLegend();
showStage(view.stage);
showSizes();
requestAnimationFrame(() => requestAnimationFrame(() => performance.measure("drawn")));
