// Hold the districts: their outlines, their parts of tracts, their figures, and the card of one.
"use strict";

// A smaller part of a tract is a border that was drawn twice.
const LEAST_PART = 0.01;

function layDistricts(app) {
  const { map, data } = app;
  const renderer = aloft(map);
  const kinds = new Map();
  for (const kind of data.districts) {
    const { shapes, centers } = openShapes(kind.topology);
    const lines = shapes.map((shape) => casedPolygon(shape, { renderer, color: INK, weight: 1.6, opacity: 0.9, casing: 3.4, casingOpacity: 0.75 }));
    const outline = L.layerGroup(lines);
    outline.on("add remove", () => app.labels.paint());
    kinds.set(kind.kind, { layer: outline, shapes, centers, names: kind.names, pages: kind.pages, unit: kind.unit, weights: openParts(kind.parts, kind.names.length), boundsOf: (at) => lines[at].getBounds() });
  }
  const mark = casedPolygon([], { renderer, color: INK, weight: 4, casing: 8 }).addTo(map);

  // One kind of district of the campaign, or of areas of the Bureau.
  const of = (kind) => kinds.get(kind) ?? app.areas.of(kind);

  // Return how much of a tract counts: all of it, or its part in the chosen district.
  function weightOf(place) {
    const { district } = app;
    return district ? of(district.kind).weights[district.at].get(place) ?? 0 : 1;
  }

  // Find the district of a kind at a point.
  function find(kind, { lat, lng }) {
    return kinds.get(kind).shapes.findIndex((shape) => holdsPoint(shape, lat, lng));
  }

  function paint() {
    const { district } = app;
    mark.setLatLngs(district && kinds.has(district.kind) ? kinds.get(district.kind).shapes[district.at] : []).bringToFront();
  }

  // The names of the districts that are outlined, the chosen one first.
  function listShown() {
    const { district } = app;
    return [...kinds].filter(([, { layer }]) => map.hasLayer(layer)).flatMap(([kind, { names, centers }]) =>
      names.map((name, at) => ({ name, middle: centers[at], first: district?.kind === kind && district.at === at })))
      .filter(({ middle }) => middle).sort((a, b) => b.first - a.first);
  }

  const boundsOf = (kind, at) => of(kind).boundsOf(at);
  return { kinds, listShown, of, weightOf, find, paint, boundsOf };
}

function openParts({ tracts, places, weights }, count) {
  const parts = Array.from({ length: count }, () => new Map());
  tracts.forEach((tract, at) => parts[places[at]].set(tract, weights[at] / 10000));
  return parts;
}

const holdsPoint = (shape, lat, lng) => shape.flat().reduce((inside, ring) => inside !== crossesRing(ring, lat, lng), false);

// Whether a ray to the east from a point crosses a ring an odd number of times.
function crossesRing(ring, lat, lng) {
  let odd = false;
  for (let at = 0, before = ring.length - 1; at < ring.length; before = at, at += 1) {
    const [a, b] = [ring[at], ring[before]];
    if (a.lat > lat !== b.lat > lat && lng < ((b.lng - a.lng) * (lat - a.lat)) / (b.lat - a.lat) + a.lng) odd = !odd;
  }
  return odd;
}

// Sum tracts up: rates weighted by households, or by housing units where a run has no households.
function sumTracts(app, weights, when = app.when) {
  const homes = homesOf(app);
  const rates = app.tables.figures("cumulative_share", when);
  const missing = app.tables.figures("missing_households_count", when);
  const sums = { counted: 0, answered: 0, missing: 0, seen: 0, known: 0 };
  for (const [place, weight] of weights) {
    sums.seen += 1;
    sums.known += Number.isFinite(missing[place]) ? 1 : 0;
    sums.missing += weight * (missing[place] || 0);
    if (Number.isNaN(rates[place]) || !(homes[place] > 0)) continue;
    sums.counted += weight * homes[place];
    sums.answered += weight * homes[place] * rates[place];
  }
  // Where no source counts homes, nobody knows who is missing; it is not 0.
  return { missing: sums.seen && !sums.known ? NaN : sums.missing, rate: sums.counted ? sums.answered / sums.counted : NaN };
}

const homesOf = (app) => app.tables.figures(app.tables.has("households_count") ? "households_count" : "housing_units_count");

const weighedBy = (app) => (app.tables.has("households_count") ? "households" : "housing_units");

// Show the chosen district: its rate, who is missing, its rank, its season, and its page.
function cardLines(app, { kind, at }) {
  const { season } = app.tables;
  const { weights, names, pages, unit } = app.districts.of(kind);
  const now = sumTracts(app, weights[at]);
  const others = weights.map((parts) => sumTracts(app, parts).rate).filter((rate) => !Number.isNaN(rate));
  const rank = 1 + others.filter((rate) => rate > now.rate + 1e-9).length;
  const tracts = [...weights[at].values()].filter((weight) => weight >= LEAST_PART).length;
  const week = season ? weekChange(app, weights[at]) : NaN;
  const facts = [
    [say("card.missing"), Number.isNaN(now.missing) ? "–" : writeCount(now.missing), say("card.tracts", { count: tracts })],
    [say("card.rank"), Number.isNaN(now.rate) ? "–" : say("card.place", { rank, count: others.length }), say("card.highest")],
    ...(Number.isNaN(week) ? [] : [[say("card.change"), writeCell(week, "points"), say("card.points")]]),
  ];
  const trend = season && drawSeason(app, { rateAt: (when) => sumTracts(app, weights[at], when).rate });
  const head = Number.isNaN(now.rate) ? element("p", { class: "headline" }, say("missing.rateless")) : element("p", { class: "headline" },
    element("b", {}, writeFigure(now.rate, "share")), element("span", {}, say(`card.${weighedBy(app)}`, { date: writeDay(app.dateShown()) }), element("br"), goalWords(app, now.rate)));
  return {
    name: names[at],
    lines: [
      element("p", { class: "fine" }, isolate(app.kindWords(kind))), head,
      element("dl", { class: "card" }, ...facts.map(([title, figure, note]) => element("div", {}, element("dt", {}, title), element("dd", {}, figure, " ", element("small", {}, note))))),
      ...(trend ? [trend] : []),
      ...sitesOfDistrict(app, { kind, at }),
      ...peopleOf(app, weights[at]),
      ...(pages[at] ? [element("p", {}, element("a", { href: localizePage(pages[at], app.language) }, ...phrase("card.open", { name: isolate(names[at]) })))] : []),
      element("div", { class: "tools" }, element("button", { type: "button", id: "print-sheet", on: { click: () => app.printSheet() } }, say("sheet.print"))),
      element("p", { class: "fine" }, isArea(kind) ? say("card.note_area") : say("card.note", { unit: SPEECH.texts[`card.by.${unit}`] ?? unit.replaceAll("_", " ") }), " ", element("span", { class: "tap" }, say("card.tap"))),
    ],
  };
}

// The change of a district is that of its rate, over the real days between.
function weekChange(app, weights) {
  const { days } = app.tables.season;
  let before = app.when;
  while (before >= 0 && days[before] > days[app.when] - 7) before -= 1;
  if (before < 0) return NaN;
  return ((sumTracts(app, weights).rate - sumTracts(app, weights, before).rate) * 7) / (days[app.when] - days[before]);
}

function nameMark(center, name, kind = "") {
  const icon = L.divIcon({ className: `district ${kind}`, html: element("span", {}, isolate(name)), iconSize: [0, 0] });
  return L.marker(center, { icon, interactive: false, keyboard: false });
}
