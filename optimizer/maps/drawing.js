"use strict";
// The map and its layers, drawn anew for each stage.

const small = Math.min(innerWidth, innerHeight) < 600;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const map = L.map("map", {
  attributionControl: false,
  fadeAnimation: !still,
  inertia: !still,
  maxBounds: [[-86, -220], [86, 220]],
  maxBoundsViscosity: 0.7,
  maxZoom: 9,
  zoomAnimation: !still,
  zoomSnap: 0.25,
  zoomDelta: 0.75,
});
if (small) map.zoomControl.setPosition("bottomright");
L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);

const panes = { land: 200, flows: 300, grid: 350, spots: 400 };
Object.entries(panes).forEach(([pane, level]) => { map.createPane(pane).style.zIndex = level; });
const canvas = (pane) => L.canvas({ pane, padding: 0.4 });
const landCanvas = canvas("land"), flowCanvas = canvas("flows"), gridCanvas = canvas("grid");
const spotSvg = L.svg({ pane: "spots", padding: 0.4 });

const view = { stage: years.length - 1, mode: "control", chosen: null };
const on = { sites: true, flows: true, regions: true, nodes: true, unused: false };
const drawn = { sites: [], flows: L.layerGroup().addTo(map), grid: L.layerGroup().addTo(map) };
const LARGEST_PX = small ? 11 : 20;
const mostMw = largest(sites.installed_it_mw.flat()) || 1;
const mostFlowMw = largest(flows.stages.flatMap((stage) => stage.map(([, megawatts]) => megawatts))) || 1;
const together = neighbours();
let fitted = 0;

// Pixels of the radius of a circle that stands for some megawatts; sites grow with the zoom.
const scale = () => Math.min(2, 1.2 ** (map.getZoom() - fitted));
const radius = (megawatts) => LARGEST_PX * scale() * Math.sqrt(megawatts / mostMw);
const spotRadius = (megawatts) => Math.max(small ? 2 : 3, radius(megawatts));
// A square as large as that circle.
const halfSide = (megawatts) => radius(megawatts) * Math.sqrt(Math.PI) / 2;

function drawLand() {
  L.polygon(land(), {
    renderer: landCanvas, interactive: false, smoothFactor: 0.5,
    color: "#b9c1c8", weight: 0.8, fillColor: "#fbfaf7", fillOpacity: 1,
  }).addTo(map);
}

// What to show first: all sites and users, or where they are far apart the whole width of the map.
function fit() {
  const shown = [
    ...onMap(sites).map((i) => at(sites, i)),
    ...onMap(regions).map((i) => at(regions, i)),
  ];
  const bounds = shown.length ? L.latLngBounds(shown) : L.latLngBounds([[-55, -170], [75, 170]]);
  if (bounds.getEast() - bounds.getWest() > 200) bounds.extend([0, -180]).extend([0, 180]);
  map.fitBounds(bounds, { padding: small ? [4, 4] : [18, 18], maxZoom: 7, animate: false });
  fitted = map.getZoom();
  map.setMinZoom(Math.max(0, fitted - 1));
}

// Text that follows the pointer; built as elements, since Leaflet would read a string as HTML.
const hint = (title, ...lines) => el("div", {}, name(title), ...lines.map((line) => el("span", {}, line)));

function state(i) {
  const megawatts = sites.installed_it_mw[i][view.stage];
  return megawatts > 0 ? `${mw(megawatts)} of IT in ${years[view.stage]}` : `not used in ${years[view.stage]}`;
}

function makeSpots() {
  const order = onMap(sites).sort((i, j) => (
    largest(sites.installed_it_mw[j]) - largest(sites.installed_it_mw[i])
  ));
  order.forEach((i) => {
    const spot = new Spot(at(sites, i), {
      renderer: spotSvg, pane: "spots", className: "spot", bubblingMouseEvents: false,
    });
    spot.bindTooltip(() => hint(sites.name[i], state(i)), { sticky: true });
    spot.on("click", () => openCard("site", i, spot.getElement()));
    spot.on("add", () => prepareSpot(i, spot.getElement()));
    drawn.sites[i] = spot;
  });
  drawn.order = order;
}

// A mark can be reached by keyboard: one by Tab, the others from it by arrow keys.
function prepareSpot(i, element) {
  element.setAttribute("role", "button");
  element.setAttribute("tabindex", "-1");
  element.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") openCard("site", i, element);
    else if (step) focusSpot(i, step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// The site that a finger meant: small marks are hard to hit.
function nearestSpot(point) {
  const away = (i) => {
    const spot = drawn.sites[i];
    const centre = map.latLngToContainerPoint(spot.getLatLng()).add(spot.options.shift);
    return centre.distanceTo(point) - spot.getRadius();
  };
  const near = visibleSpots().map((i) => [away(i), i]).filter(([px]) => px < 12).sort(([a], [b]) => a - b);
  return near.length ? near[0][1] : null;
}

const visibleSpots = () => drawn.order.filter((i) => map.hasLayer(drawn.sites[i]));

function focusSpot(i, step) {
  const shown = visibleSpots();
  const next = shown[(shown.indexOf(i) + step + shown.length) % shown.length];
  shown.forEach((j) => drawn.sites[j].getElement().setAttribute("tabindex", j === next ? "0" : "-1"));
  map.panInside(at(sites, next), { padding: [60, 60], animate: !still });
  drawn.sites[next].getElement().focus();
}

const UNUSED = { color: "#6d7781", weight: 1, fillColor: "#fff", fillOpacity: 0.6, opacity: 1 };

function usedStyle(i) {
  const { colour, edge = "#fff" } = modes[view.mode];
  const added = sites.new_it_mw[i][view.stage] > 0;
  return {
    color: added ? "#111" : edge,
    weight: (small ? 0.75 : 1) * (added ? 2 : 1),
    fillColor: colour(i, view.stage),
    fillOpacity: 0.88,
  };
}

function drawSites() {
  const { stage } = view;
  const focused = document.activeElement;
  drawn.order.forEach((i) => {
    const spot = drawn.sites[i], megawatts = sites.installed_it_mw[i][stage];
    const used = megawatts > 0;
    if (!(used ? on.sites : on.unused)) {
      spot.remove();
      return;
    }
    if (!map.hasLayer(spot)) spot.addTo(map);
    spot.setRadius(spotRadius(megawatts));
    spot.setStyle(used ? usedStyle(i) : UNUSED);
    spot.getElement().setAttribute("aria-label", `${sites.name[i]}, ${state(i)}`);
  });
  const shown = visibleSpots();
  if (shown.length && !shown.some((i) => drawn.sites[i].getElement().getAttribute("tabindex") === "0")) {
    drawn.sites[shown[0]].getElement().setAttribute("tabindex", "0");
  }
  if (focused?.classList.contains("spot") && !focused.isConnected) map.getContainer().focus();
}

function arrangeSites() {
  together.forEach((group) => {
    const radii = group.map((i) => spotRadius(largest(sites.installed_it_mw[i])));
    packed(radii).forEach((shift, n) => {
      drawn.sites[group[n]].options.shift = shift;
      drawn.sites[group[n]].setLatLng(at(sites, group[n]));
    });
  });
}

const concerns = (way) => (
  view.chosen === null || view.chosen.kind === "node" || way[view.chosen.kind] === view.chosen.i
);

// Lines of one colour and width are one path: thousands are drawn at once.
function drawFlows() {
  drawn.flows.clearLayers();
  if (!on.flows) return;
  const batches = new Map();
  flows.stages[view.stage].forEach(([number, megawatts]) => {
    const way = ways[number];
    if (!concerns(way)) return;
    const width = Math.max(0.5, Math.round(10 * Math.sqrt(megawatts / mostFlowMw)) / 2);
    const colour = modes[view.mode].colour(way.site, view.stage);
    const key = `${colour} ${width}`;
    if (!batches.has(key)) batches.set(key, []);
    batches.get(key).push(...way.lines);
  });
  const alone = view.chosen !== null && view.chosen.kind !== "node";
  // Many lines together are as dark as a few.
  const faint = Math.min(0.4, 10 / Math.sqrt(flows.stages[view.stage].length));
  batches.forEach((lines, key) => {
    const [color, width] = key.split(" ");
    const weight = Number(width) + (alone ? 1 : 0), opacity = alone ? 0.85 : faint;
    const options = { renderer: flowCanvas, interactive: false, color, weight, opacity };
    L.polyline(lines, options).addTo(drawn.flows);
  });
}

function drawGrid() {
  const { stage } = view;
  drawn.grid.clearLayers();
  if (on.regions) onMap(regions).forEach((i) => drawRegion(i, stage));
  if (on.nodes) onMap(nodes).forEach((i) => drawNode(i, stage));
}

function drawRegion(i, stage) {
  const demand = regions.demand_it_mw[i][stage];
  if (!demand) return;
  const unserved = regions.unserved_it_mw[i][stage] > 1e-6;
  const mark = new Spot(at(regions, i), {
    renderer: gridCanvas, pane: "grid", radius: Math.max(2, radius(demand)), bubblingMouseEvents: false,
    stroke: unserved, color: "#d55e00", weight: 2, fillColor: "#46525e", fillOpacity: 0.2,
  });
  mark.bindTooltip(() => hint(regions.name[i], `demand ${mw(demand)} of IT`), { sticky: true });
  mark.on("click", () => openCard("region", i, null)).addTo(drawn.grid);
}

// A frame for all power of a node, filled by what is drawn.
function drawNode(i, stage) {
  const power = nodes.firm_mw[i][stage] + nodes.upgrade_mw[i][stage];
  const free = nodes.headroom_mw[i][stage];
  const full = nodes.binding_hours ? nodes.binding_hours[i][stage] > 0 : free <= 1e-4 * power;
  const color = full ? "#d55e00" : "#46525e";
  const options = { renderer: gridCanvas, pane: "grid", bubblingMouseEvents: false, color };
  const frame = new Square(at(nodes, i), {
    ...options,
    radius: Math.max(3, halfSide(power)), weight: full ? 2 : 1, opacity: 0.75, fillOpacity: 0.04,
  });
  const left = `grid node, ${mw(Math.max(0, free))} free of ${mw(power)}`;
  frame.bindTooltip(() => hint(nodes.name[i], left), { sticky: true });
  frame.on("click", () => openCard("node", i, null)).addTo(drawn.grid);
  const taken = Math.min(nodes.drawn_mw[i][stage], power);
  if (taken > 0) {
    new Square(at(nodes, i), {
      ...options, interactive: false, radius: halfSide(taken), stroke: false, fillOpacity: 0.22,
    }).addTo(drawn.grid);
  }
}

function draw() {
  drawFlows();
  drawGrid();
  drawSites();
}
