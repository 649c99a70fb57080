"use strict";
// What the page holds, as numbers and places, and how it says numbers.

const $ = (id) => document.getElementById(id);
const plan = JSON.parse($("plan").textContent);
const { years, sites, nodes, regions, flows } = plan;
const at = (things, i) => [things.latitude[i], things.longitude[i]];
const indices = (things) => things.key.map((_, i) => i);
const onMap = (things) => indices(things).filter((i) => !at(things, i).includes(null));

// Steps of whole numbers, x and y in turn, as places.
function walked(steps, perDegree) {
  const places = [];
  for (let i = 0, x = 0, y = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    places.push([y / perDegree, x / perDegree]);
  }
  return places;
}

const ways = flows.ways.map(([region, site, parts]) => (
  { region, site, lines: parts.map((steps) => walked(steps, 100)) }
));

// Outlines of all countries: polygons of rings of places.
function land() {
  const { objects, arcs, transform } = JSON.parse($("outlines").textContent);
  const rings = arcs.map((arc) => walked(arc.flat(), 1 / transform.scale[0]));
  return objects.countries.geometries.flatMap((geometry) => (
    geometry.arcs.map((polygon) => polygon.map(([ring]) => rings[ring]))
  ));
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const largest = (numbers) => numbers.reduce((a, b) => Math.max(a, b), 0);
const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const digits = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });
const number = (x) => (x === null ? "–" : Math.abs(x) >= 100 ? whole.format(x) : digits.format(x));
const mw = (x) => (x >= 9999.5 ? `${number(x / 1000)} GW` : `${number(x)} MW`);
const gwh = (mwh) => `${number(mwh / 1000)} GWh`;
const percent = (part, all) => (all > 0 ? `${number(100 * part / all)} %` : "–");

// A number in the largest unit that it reaches.
function scaled(x, units) {
  const [size, unit] = units.find(([least]) => Math.abs(x) >= least) ?? units.at(-1);
  return `${number(x / size)} ${unit}`;
}

const tonnes = (t) => scaled(t, [[1e6, "Mt"], [1e3, "kt"], [1, "t"]]);
const { currency } = plan;
const money = (x) => scaled(x, [[1e9, `bn ${currency}`], [1e6, `m ${currency}`], [1, currency]]);

// An operator may be called `constructor`, which every object has.
const country = (code) => (Object.hasOwn(plan.countries, code) ? plan.countries[code] : code);

// An element; what is put into it is text, whatever it says.
function el(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

const name = (text) => el("bdi", {}, text);

const signs = {
  circle: (c, size) => ({ cx: c, cy: c, r: size }),
  rect: (c, size) => ({ x: c - size, y: c - size, width: 2 * size, height: 2 * size }),
  line: (c, size) => ({ x1: c - size, y1: c, x2: c + size, y2: c }),
};

// A small picture of a mark, for legends.
function sign(shape, size, style) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const side = 2 * Math.ceil(size + 2);
  const mark = document.createElementNS("http://www.w3.org/2000/svg", shape);
  const attributes = { ...signs[shape](side / 2, size), ...style };
  Object.entries(attributes).forEach(([key, value]) => mark.setAttribute(key, value));
  Object.entries({ class: "sign", width: side, height: side, "aria-hidden": "true" })
    .forEach(([key, value]) => svg.setAttribute(key, value));
  svg.append(mark);
  return svg;
}
