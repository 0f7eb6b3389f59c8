// Outline ZIPs, towns, places, and legislative districts of the Bureau; each is found and has a card.
"use strict";

// Before the name of a kind, where kinds of districts stand beside it.
const AREA = "area.";
const isArea = (kind) => kind.startsWith(AREA);

function layAreas(app) {
  const { map, around } = app;
  const renderer = aloft(map);
  const { context } = around;
  const kinds = new Map(context.areas.map((area) => [area.kind, { ...area, corners: openPoints(area.corners, context), layer: null, opened: null }]));
  const mark = casedLine([], { renderer, color: INK, weight: 4, casing: 8 }).addTo(map);

  // Lines and tracts are read when the first area of their kind is needed.
  function openKind(kind) {
    const area = kinds.get(kind);
    area.opened ??= { lines: openLines(area.lines, context), edges: openGroups(area.edges), weights: openAreaParts(area.parts) };
    return area.opened;
  }

  function layerOf(kind) {
    const area = kinds.get(kind);
    area.layer ??= casedLine(openKind(kind).lines, { renderer, color: "#5b2c83", weight: 1.7, casing: 3.6, dashArray: kind === "zcta" ? "7 4" : null });
    return area.layer;
  }

  function outline(kind, on) {
    if (on) layerOf(kind).addTo(map);
    else kinds.get(kind).layer?.remove();
    for (const box of document.querySelectorAll("[name=area]")) if (box.value === kind) box.checked = on;
    app.labels.paint();
    app.addressChanged();
  }

  const isOn = (kind) => Boolean(kinds.get(kind).layer && map.hasLayer(kinds.get(kind).layer));

  // One kind as districts have it; `null` if the map has none of it.
  function of(longKind) {
    const kind = longKind.slice(AREA.length);
    if (!isArea(longKind) || !kinds.has(kind)) return null;
    const { names, corners } = kinds.get(kind);
    return { names, pages: [], weights: openKind(kind).weights, boundsOf: (at) => L.latLngBounds(corners[2 * at], corners[2 * at + 1]) };
  }

  // Draw the chosen area's edge above all others.
  function paint() {
    const { district } = app;
    const kind = district && isArea(district.kind) ? openKind(district.kind.slice(AREA.length)) : null;
    mark.setLatLngs(kind ? kind.edges[district.at].map((line) => kind.lines[line]) : []).bringToFront();
  }

  // What the search finds: every area by its name and kind.
  function list() {
    return [...kinds].flatMap(([kind, { names }]) => names.map((name, at) => ({
      name, detail: say(`area.${kind}`), key: plain(`${name} ${say(`area.${kind}`)}`), go: () => app.enter(AREA + kind, at, { pan: true, fromKeyboard: true }) })));
  }

  // The names of the areas that are outlined, each in the middle of its box; the chosen one first.
  function listShown() {
    const { district } = app;
    const isChosen = (kind, at) => district?.kind === AREA + kind && district.at === at;
    return [...kinds].filter(([kind]) => isOn(kind)).flatMap(([kind, { names, corners }]) =>
      names.map((name, at) => ({ name, first: isChosen(kind, at), middle: L.latLngBounds(corners[2 * at], corners[2 * at + 1]).getCenter() })))
      .sort((a, b) => b.first - a.first);
  }

  function readLink(parts) {
    for (const kind of kinds.keys()) outline(kind, parts.getAll("area").includes(kind) || parts.has(`in.${AREA}${kind}`));
  }

  const writeLink = (parts) => { for (const kind of kinds.keys()) if (isOn(kind)) parts.append("area", kind); };
  return { kinds, of, outline, paint, list, listShown, writeLink, readLink };
}

// Read groups of places: the size of each, then its places as differences.
function openGroups(text) {
  const numbers = openNumbers(text);
  const groups = [];
  for (let at = 0; at < numbers.length;) {
    const group = Array.from({ length: numbers[at] });
    at += 1;
    for (let item = 0, place = 0; item < group.length; item += 1, at += 1) group[item] = (place += numbers[at]);
    groups.push(group);
  }
  return groups;
}

// Read for each area its tracts, and how much of each lies inside.
function openAreaParts(text) {
  const numbers = openNumbers(text);
  const areas = [];
  for (let at = 0; at < numbers.length;) {
    const count = numbers[at];
    const parts = new Map();
    at += 1;
    for (let item = 0, place = 0; item < count; item += 1) parts.set((place += numbers[at + item]), 1 - numbers[at + count + item] / 100);
    at += 2 * count;
    areas.push(parts);
  }
  return areas;
}

function buildAreaList(app) {
  if (!app.areas.kinds.size) return;
  const boxes = [...app.areas.kinds.keys()].map((kind) => {
    const box = element("input", { type: "checkbox", name: "area", value: kind, on: { change: () => app.areas.outline(kind, box.checked) } });
    return element("label", { class: "choice" }, box, element("span", {}, say(`area.many.${kind}`)));
  });
  document.getElementById("panel-layers").append(element("fieldset", {}, element("legend", {}, say("area.title")), ...boxes));
}
