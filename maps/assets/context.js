// Draw water, parks, rails, and main roads on one canvas between the tracts and the outlines.
"use strict";

// How each kind is drawn: lines with a light casing, ground with a fill.
const GROUND_STYLES = { parks: { fillColor: "#8fb98a", fillOpacity: 0.5 }, water: { fillOpacity: 1 } };
const LINE_STYLES = {
  rails: { color: "#45525d", weight: 1, dashArray: "6 4", casing: 2.2 },
  secondary: { color: "#6d7a85", weight: 1, casing: 2.4 },
  primary: { color: "#4a4038", weight: 1.7, casing: 4 },
};
// From how many zoom steps above the first view lines are drawn; below, they would hide the tracts.
const LINES_FROM = { primary: -Infinity, secondary: 0.7, rails: 0.7 };
// On a map with a shorter side of fewer pixels, lines are thinner.
const FULL_SIDE = 520;
// What a reader switches on and off, and which kinds it holds.
const SWITCHES = { roads: ["primary", "secondary"], rails: ["rails"], water: ["water"], parks: ["parks"], names: [], numbers: [] };

function layContext(app) {
  const { map } = app;
  const context = app.data.context ?? { lines: {}, ground: {}, areas: [], labels: [], streets: { names: "", tracts: "" } };
  const renderer = between(map);
  const drawn = new Map();
  const off = new Set();
  const kinds = Object.keys(SWITCHES).filter((name) => (name === "numbers" || name === "names" ? name === "numbers" || context.labels.length
    : SWITCHES[name].some((kind) => context.lines[kind] || context.ground[kind])));

  // In the order in which they lie over one another; each is read when it is first shown.
  const order = ["parks", "water", "rails", "secondary", "primary"].filter((kind) => context.ground[kind] || context.lines[kind]);
  let isReady = false;

  function draw() {
    isReady = true;
    show();
  }

  function openKind(kind) {
    if (!drawn.has(kind)) drawn.set(kind, context.ground[kind] ? drawGround(kind) : drawLines(kind));
    return drawn.get(kind);
  }

  const isShown = (kind) => ![...off].some((name) => SWITCHES[name].includes(kind))
    && map.getZoom() - app.homeZoom >= (LINES_FROM[kind] ?? -Infinity) - 1e-6;

  function drawGround(kind) {
    const rings = openLines(context.ground[kind], context).map((line) => line.slice(0, -1));
    return L.polygon([rings], { renderer, stroke: false, interactive: false, smoothFactor: 1, fillColor: readTones().water, ...GROUND_STYLES[kind] });
  }

  function drawLines(kind) {
    const lines = openLines(context.lines[kind], context);
    const { casing, ...style } = LINE_STYLES[kind];
    const base = { renderer, smoothFactor: 1.2 };
    return casedLine(lines, { ...base, ...style, opacity: 0.95, casing, casingOpacity: 0.75 });
  }

  function show() {
    if (!isReady) return;
    for (const kind of order) {
      // What is shown again must not cover what lies above it.
      if (isShown(kind)) openKind(kind).addTo(map).bringToFront();
      else drawn.get(kind)?.remove();
    }
    thicken();
  }

  // Lines grow with the zoom, so that they stay in proportion to the tracts.
  function thicken() {
    const { x, y } = map.getSize();
    const growth = Math.min(Math.max(1 + 0.25 * (map.getZoom() - app.homeZoom), 0.8), 2.2) * Math.min(Math.max(Math.min(x, y) / FULL_SIDE, 0.5), 1);
    for (const [kind, { weight, casing }] of Object.entries(LINE_STYLES)) drawn.get(kind)?.setStyle({ weight: weight * growth, casing: casing * growth });
  }

  // Water follows the theme, and is light on paper.
  function paint(water) {
    const layer = drawn.get("water");
    if (layer && layer.options.fillColor !== water) layer.setStyle({ fillColor: water });
  }

  function toggle(name, on) {
    if (on) off.delete(name); else off.add(name);
    show();
    app.labels.paint();
  }

  function writeLink(parts) {
    for (const name of off) parts.append("hide", name);
  }

  function readLink(parts) {
    off.clear();
    for (const name of parts.getAll("hide")) if (kinds.includes(name)) off.add(name);
    show();
  }

  map.on("zoomend", show);
  return { context, kinds, draw, paint, toggle, writeLink, readLink, isOn: (name) => !off.has(name) };
}

// List the switches of what lies around the tracts.
function buildContextList(app) {
  const { kinds, isOn, toggle } = app.around;
  const boxes = kinds.map((name) => {
    const box = element("input", { type: "checkbox", name: "around", value: name, on: { change: () => { toggle(name, box.checked); app.addressChanged(); } } });
    return box;
  });
  const list = element("fieldset", {}, element("legend", {}, say("around.title")),
    ...boxes.map((box) => element("label", { class: "choice" }, box, element("span", {}, say(`around.${box.value}`)))));
  document.getElementById("panel-layers").append(list);
  return { render: () => { for (const box of boxes) box.checked = isOn(box.value); } };
}

// Return the one canvas between tracts and outlines; it lets the mouse through.
function between(map) {
  const pane = map.createPane("between");
  pane.style.zIndex = 420;
  pane.style.pointerEvents = "none";
  return L.canvas({ pane: "between", padding: 0.4 });
}

const DIGITS = new Map([..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].map((mark, at) => [mark.charCodeAt(0), at]));

// Read what maps.context.numbers wrote: groups of five bits, the lowest first, the sign in the lowest bit.
function openNumbers(text) {
  const numbers = [];
  for (let at = 0, value = 0, shift = 0; at < text.length; at += 1) {
    const digit = DIGITS.get(text.charCodeAt(at));
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -((value + 1) >>> 1) : value >>> 1);
    value = shift = 0;
  }
  return numbers;
}

// Read lines: the points of each, then every point as a difference from the last.
function openLines(text, { origin, step }) {
  const numbers = openNumbers(text);
  const lines = [];
  for (let at = 0, x = 0, y = 0; at < numbers.length;) {
    const line = Array.from({ length: numbers[at] });
    at += 1;
    for (let point = 0; point < line.length; point += 1, at += 2) {
      line[point] = new L.LatLng(origin[1] + (y += numbers[at + 1]) * step, origin[0] + (x += numbers[at]) * step);
    }
    lines.push(line);
  }
  return lines;
}

// Read points, each as a difference from the last.
function openPoints(text, { origin, step }) {
  const numbers = openNumbers(text);
  let x = 0;
  let y = 0;
  return Array.from({ length: numbers.length / 2 }, (_, at) =>
    new L.LatLng(origin[1] + (y += numbers[2 * at + 1]) * step, origin[0] + (x += numbers[2 * at]) * step));
}
