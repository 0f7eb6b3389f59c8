// Show the places where people get help: marks by kind, a card for each, and the nearest to a tract.
"use strict";

// Each kind has a shape and a color of its own; a light line around both shows them on any ground.
const SITE_MARKS = [
  ["#5b2c83", "M10 2a8 8 0 1 0 .01 0Z"], ["#8a1538", "M3 3H17V17H3Z"], ["#0b4f3c", "M10 1 19 10 10 19 1 10Z"], ["#7a3b00", "M10 2 19 18H1Z"],
  ["#0a3d6b", "M1 2H19L10 18Z"], ["#4a4a00", "M7 2H13V7H18V13H13V18H7V13H2V7H7Z"], ["#16242f", "M6 1H14L19 10 14 19H6L1 10Z"],
];
// Marks closer than so many pixels are one mark with a number.
const SITE_ROOM = 26;
// A group opens at most so many zoom steps above the first view.
const SITE_ZOOM = 8;
// So many places a list shows; the search finds all.
const SITES_LISTED = 200;

function laySites(app) {
  const { map, language } = app;
  const sites = app.data.sites ?? { layers: [], kinds: [], names: [], points: [], layer: [], kind: [], tracts: [], districts: {}, details: {}, near: "", miles: "" };
  const words = language.sites ?? { layers: [], kinds: [] };
  const points = sites.points.map(([lat, lng]) => L.latLng(lat, lng));
  const all = sites.names.map((_, at) => at);
  const off = new Set();
  const pane = map.createPane("sites");
  pane.style.zIndex = 660;
  pane.setAttribute("role", "group");
  pane.setAttribute("aria-label", say("sites.marks"));
  L.DomEvent.disableClickPropagation(pane);
  let near = null;
  let isReady = false;

  const isOn = (layer) => !off.has(layer);
  const detail = (name, at) => sites.details[name]?.[at] ?? "";
  const kindOf = (at) => words.kinds[sites.kind[at]];

  function draw() {
    isReady = Boolean(all.length);
    paint();
  }

  // Put places that would lie over one another into one group.
  function group() {
    const view = map.getBounds().pad(0.1);
    const groups = [];
    for (const at of all) {
      if (!isOn(sites.layer[at]) || !view.contains(points[at])) continue;
      const { x, y } = map.latLngToLayerPoint(points[at]);
      const own = groups.find((other) => Math.hypot(other.x - x, other.y - y) < SITE_ROOM);
      if (own) own.places.push(at);
      else groups.push({ x, y, places: [at] });
    }
    return groups;
  }

  function paint() {
    if (!isReady) return;
    const held = pane.contains(document.activeElement) ? document.activeElement.dataset.site : null;
    pane.replaceChildren(...group().map(drawGroup));
    const marks = [...pane.children];
    if (marks.length) marks[0].tabIndex = 0;
    if (held !== null) step(marks.find((mark) => mark.dataset.site === held) ?? marks[0]);
  }

  function drawGroup({ x, y, places }) {
    const [first] = places;
    const isOne = places.length === 1;
    const mark = element("button", {
      type: "button", class: `site ${isOne ? "one" : "several"}`, tabindex: "-1", "data-site": String(first), title: isOne ? sites.names[first] : say("sites.several", { count: places.length }),
      "aria-label": isOne ? `${sites.names[first]}, ${kindOf(first)}` : say("sites.open_several", { count: places.length }),
      on: { click: (event) => meet(event, places) },
    }, isOne ? siteMark(sites.kind[first]) : writeCount(places.length));
    if (first === app.site) mark.setAttribute("aria-current", "true");
    L.DomUtil.setPosition(mark, L.point(x, y));
    return mark;
  }

  // The mark is drawn anew by its own click, so that the map would take it for one of its own.
  function meet(event, places) {
    event.stopPropagation();
    const fromKeyboard = event.detail === 0;
    if (places.length === 1) app.visit(places[0], { fromKeyboard });
    else openGroup(places, fromKeyboard);
  }

  // Come so close that a group falls apart; places in one spot open the card of the first.
  function openGroup(places, fromKeyboard) {
    const bounds = L.latLngBounds(places.map((at) => points[at]));
    const zoom = Math.min(map.getBoundsZoom(bounds.pad(0.3)), app.homeZoom + SITE_ZOOM);
    if (zoom > map.getZoom() + 0.2) map.setView(bounds.getCenter(), zoom, { animate: false });
    else app.visit(places[0], { fromKeyboard });
  }

  // One mark is in the order of the Tab key; arrows lead to the others.
  function step(mark) {
    for (const other of pane.children) other.tabIndex = other === mark ? 0 : -1;
    mark?.focus({ preventScroll: true });
  }

  pane.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const marks = [...pane.children];
    step(marks[(marks.indexOf(document.activeElement) + by + marks.length) % marks.length]);
  });

  function toggle(layer, on) {
    if (on) off.delete(layer); else off.add(layer);
    paint();
    app.change({});
  }

  // The nearest place to a tract, and how many miles away it is.
  function nearest(place) {
    near ??= { places: openNumbers(sites.near), miles: openNumbers(sites.miles) };
    const at = near.places[place] ?? -1;
    return at < 0 ? null : { at, miles: near.miles[place] / 100 };
  }

  // The places in a district, or in an area of the Bureau by the tracts that they lie in.
  function listIn({ kind, at }) {
    if (!isArea(kind)) return all.filter((site) => sites.districts[kind]?.[site] === at);
    const { weights } = app.districts.of(kind);
    return all.filter((site) => (weights[at].get(sites.tracts[site]) ?? 0) >= 0.5);
  }

  const listInTract = (place) => all.filter((site) => sites.tracts[site] === place);
  const listBeside = (at) => all.filter((site) => site !== at && points[site].equals(points[at], 1e-5));

  function list() {
    return all.map((at) => ({ name: sites.names[at], detail: kindOf(at), key: plain(`${sites.names[at]} ${kindOf(at)} ${words.layers[sites.layer[at]]} ${detail("address", at)}`),
      go: () => app.visit(at, { pan: true, fromKeyboard: true }) }));
  }

  function writeLink(parts) {
    for (const layer of off) parts.append("hide.places", sites.layers[layer]);
    if (app.site !== null) parts.set("place", sites.names[app.site]);
  }

  function readLink(parts) {
    const hidden = parts.getAll("hide.places");
    off.clear();
    sites.layers.forEach((name, layer) => { if (hidden.includes(name)) off.add(layer); });
    const at = sites.names.indexOf(parts.get("place"));
    return { site: at < 0 ? null : at };
  }

  map.on("zoomstart", () => { if (!pane.contains(document.activeElement)) pane.replaceChildren(); });
  map.on("moveend", paint);
  return { sites, words, points, all, draw, paint, toggle, isOn, detail, kindOf, nearest, listIn, listInTract, listBeside, list, writeLink, readLink };
}

function siteMark(kind) {
  const [color, line] = SITE_MARKS[Math.min(kind, SITE_MARKS.length - 1)];
  return drawing("svg", { viewBox: "-2 -2 24 24", width: 24, height: 24, "aria-hidden": "true" },
    drawing("path", { d: line, fill: color, stroke: "#fff", "stroke-width": 2.5, "stroke-linejoin": "round", "paint-order": "stroke" }));
}

// Say what the marks of the shown layers mean.
function siteLegend(app) {
  const { sites, words, all, isOn } = app.sites;
  const counts = new Map();
  for (const at of all) if (isOn(sites.layer[at])) counts.set(sites.kind[at], (counts.get(sites.kind[at]) ?? 0) + 1);
  if (!counts.size) return [];
  const last = SITE_MARKS.length - 1;
  const rows = [...counts].filter(([kind]) => kind < last || sites.kinds.length === SITE_MARKS.length).sort(([a], [b]) => a - b)
    .map(([kind, count]) => legendRow(siteSwatch(kind), words.kinds[kind], count));
  const others = [...counts].filter(([kind]) => kind >= last).reduce((sum, [, count]) => sum + count, 0);
  if (others && sites.kinds.length > SITE_MARKS.length) rows.push(legendRow(siteSwatch(last), say("sites.other"), others));
  return [element("p", { class: "when" }, say("sites.title")), element("ul", {}, ...rows)];
}

const siteSwatch = (kind) => element("i", { class: "swatch mark", "aria-hidden": "true" }, siteMark(kind));

// List the switches of the layers, and every place with a button, for those who use no mouse.
function buildSiteList(app) {
  const { sites, words, all, isOn, toggle, detail } = app.sites;
  if (!all.length) return { render: () => {} };
  const boxes = sites.layers.map((_, layer) => {
    const box = element("input", { type: "checkbox", name: "sites", value: String(layer), on: { change: () => toggle(layer, box.checked) } });
    return box;
  });
  const shown = all.slice(0, SITES_LISTED);
  const rest = all.length - shown.length;
  document.getElementById("panel-layers").append(element("fieldset", {}, element("legend", {}, say("sites.title")),
    ...boxes.map((box, layer) => element("label", { class: "choice" }, box, element("span", {}, isolate(words.layers[layer])))),
    element("details", { class: "site-list" }, element("summary", {}, say("sites.list", { count: all.length })),
      element("ul", {}, ...shown.map((at) => element("li", {}, siteButton(app, at), element("small", {}, isolate(detail("hours", at)))))),
      rest ? element("p", { class: "fine" }, say("sites.rest", { count: rest })) : null)));
  return { render: () => { for (const box of boxes) box.checked = isOn(Number(box.value)); } };
}

const siteButton = (app, at) => element("button", { type: "button", class: "plain-link", on: { click: () => app.visit(at, { pan: true, fromKeyboard: true }) } }, isolate(app.sites.sites.names[at]));

// Show one place: what it is, when it is open, where, and in which tract.
function siteCard(app, at) {
  const { sites, words, points, all, detail, kindOf, listBeside } = app.sites;
  const layer = words.layers[sites.layer[at]];
  const kind = kindOf(at);
  // A list of one kind is not named beside it.
  const isMixed = all.some((other) => sites.layer[other] === sites.layer[at] && sites.kind[other] !== sites.kind[at]);
  const link = detail("link", at);
  const rows = ["hours", "address", "phone", "languages"].filter((name) => detail(name, at))
    .map((name) => element("div", {}, element("dt", {}, say(`sites.${name}`)), element("dd", {}, isolate(detail(name, at)))));
  const tract = sites.tracts[at];
  const beside = listBeside(at);
  return [
    element("p", { class: "fine" }, isolate(isMixed ? `${kind} · ${layer}` : kind)),
    ...(rows.length ? [element("dl", { class: "site-facts" }, ...rows)] : []),
    ...(link ? [element("p", {}, element("a", { href: link, target: "_blank", rel: "noreferrer" }, say("sites.link")))] : []),
    ...(beside.length ? [element("p", {}, ...phrase("sites.beside", { places: element("span", {}, ...beside.flatMap((other, number) => [number ? ", " : "", siteButton(app, other)])) }))] : []),
    ...(tract < 0 ? [element("p", { class: "fine" }, say("sites.outside"))]
      : [element("p", { class: "fine" }, ...phrase("sites.inside", { tract: element("button", { type: "button", on: { click: () => app.choose(tract, { fromKeyboard: true }) } }, isolate(app.nameOf(tract))) }))]),
    ...mapsLink(points[at]),
    element("p", { class: "fine" }, say("sites.source")),
  ];
}

// Say which places a tract has, or else which is the nearest.
function sitesOfTract(app, place) {
  const { sites, listInTract, nearest } = app.sites;
  const inside = listInTract(place);
  if (inside.length) return [element("p", {}, ...phrase("sites.in_tract", { count: inside.length, places: element("span", {}, ...inside.flatMap((at, number) => [number ? ", " : "", siteButton(app, at)])) }))];
  const found = nearest(place);
  if (!found) return [];
  const name = element("b", {}, isolate(sites.names[found.at]));
  return [element("p", {}, ...phrase("sites.nearest", { name, miles: SPEECH.tenths.format(found.miles) }), " ",
    element("button", { type: "button", class: "plain-link", on: { click: () => app.visit(found.at, { pan: true, fromKeyboard: true }) } }, say("sites.show")))];
}

// List the places of a district with their hours.
function sitesOfDistrict(app, district) {
  const { all, listIn, detail } = app.sites;
  if (!all.length) return [];
  const inside = listIn(district);
  if (!inside.length) return [element("p", {}, say("sites.none_here"))];
  return [element("details", { class: "site-list" }, element("summary", {}, say("sites.here", { count: inside.length })),
    element("ul", {}, ...inside.map((at) => element("li", {}, siteButton(app, at), element("small", {}, isolate(detail("hours", at)))))))];
}
