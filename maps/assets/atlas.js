// Read the figures from a page's table, and add map, sorting, search, and a CSV file.
"use strict";

function openAtlas() {
  openWords(ATLAS.language);
  for (const layer of ATLAS.scales) Object.assign(layer, ATLAS.language.layers[layer.name]);
  const table = document.getElementById("places");
  const rows = [...table.tBodies[0].rows];
  const columns = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.column);
  const app = { table, rows, columns, kept: rows.map(() => true), layer: ATLAS.scales[0], chosen: null, texts: rows.map(readTexts) };
  app.places = new Map(rows.map((row, place) => [row, place]));
  const held = new Map();
  app.figures = (column) => {
    if (!held.has(column)) held.set(column, app.texts.map((texts) => readFigure(texts[columns.indexOf(column)])));
    return held.get(column);
  };
  document.getElementById("tools").hidden = false;
  app.map = document.getElementById("ground") ? layAtlasMap(app) : null;
  if (app.map) fitPaper(app.map, { paint: () => app.paint(), home: app.home });
  linkTracts(app);
  sortByHeadings(app);
  buildTools(app);
  followAddress(app);
}

const readTexts = (row) => [...row.cells].map((cell) => (cell.firstElementChild?.localName === "a" ? cell.firstElementChild : cell).textContent.trim());
// Read a figure as the page's language writes it.
function readFigure(text) {
  if (!/\d/.test(text)) return NaN;
  const { group, decimal } = SPEECH.marks;
  return Number(text.replace("−", "-").replaceAll(group, "").replace(decimal, ".").replace(/[^\d.-]/g, ""));
}

// The code of a row: what a tract has behind its county's, or a county's five digits.
const codeOf = (row) => (row.id ? row.id.slice(1) : row.dataset.code ?? /(\d{5})\.html$/.exec(row.querySelector("a").href)[1]);

const isTract = (app) => app.rows.some((row) => row.id);

// ---- the map

function layAtlasMap(app) {
  const ground = JSON.parse(document.getElementById("ground").textContent);
  const map = L.map("map", { crs: ground.flat ? L.CRS.Simple : L.CRS.EPSG3857, minZoom: -4, maxZoom: 18, zoomSnap: 0.1, scrollWheelZoom: false,
    attributionControl: false, renderer: L.canvas({ padding: 0.4 }) });
  const topology = { ...ground, lengths: readNumbers(ground.lengths), points: readNumbers(ground.points), centers: [] };
  const { shapes } = openShapes(topology);
  const water = app.rows.map((row) => row.className === "water");
  const hatch = makePattern(ATLAS.missing.fill, ATLAS.missing.line);
  const areas = shapes.map((shape, place) => {
    if (!shape.length) return null;
    const area = L.polygon(shape, { smoothFactor: 0.4, bubblingMouseEvents: false });
    area.on("click", ({ originalEvent }) => meetArea(app, place, originalEvent));
    area.on("mouseover", () => app.point(place));
    return area;
  });
  const boundsOf = (places) => L.featureGroup(places.map((place) => areas[place]).filter(Boolean)).getBounds();
  const every = areas.map((_, place) => place);
  const dry = every.filter((place) => areas[place] && !water[place]);
  const home = boundsOf(dry.length ? dry : every);
  app.home = home;
  const narrow = matchMedia("(max-width: 760px)").matches;
  const room = { padding: narrow ? [8, 8] : [18, 18], animate: false };
  map.fitBounds(home, room);
  const marks = [["#fff", 5], [INK, 2.2]].map(([color, weight]) => L.polygon([], { renderer: aloft(map), fill: false, color, weight, interactive: false }).addTo(map));
  const tip = L.tooltip({ direction: "top", offset: [0, -6], className: "tip" });
  if (!matchMedia("(hover: none)").matches) {
    areas.forEach((area, place) => area?.on("mousemove", ({ latlng }) => tip.setContent(areaWords(app, place)).setLatLng(latlng).addTo(map)).on("mouseout", () => { tip.remove(); app.point(app.chosen); }));
  }

  app.paint = () => {
    const figures = app.figures(app.layer.column);
    areas.forEach((area, place) => {
      if (!area) return;
      const value = figures[place];
      const fillColor = water[place] ? ATLAS.water : Number.isNaN(value) ? hatch : app.layer.colors[classOf(app.layer, value / 100)];
      const kept = app.kept[place];
      area.setStyle({ fillColor, fillOpacity: kept ? 0.96 : 0.12, color: water[place] ? ATLAS.water : kept ? "#fff" : "#c9d2d8", weight: ground.flat ? 0.4 : 0.6, opacity: 0.9 });
    });
    writeLegend(app, figures, areas);
  };
  app.point = (place) => { for (const mark of marks) mark.setLatLngs(place === null || !areas[place] ? [] : shapes[place]).bringToFront(); };
  app.go = (places) => { const bounds = boundsOf(places); if (bounds.isValid()) map.fitBounds(bounds, room); };
  app.goHome = () => map.fitBounds(home, room);
  areas.forEach((area) => area?.addTo(map));
  const state = app.columns.indexOf("state");
  const borders = openBorders(topology, app.texts.map((texts, place) => (water[place] ? null : state < 0 ? "" : texts[state])));
  L.polyline(borders, { renderer: aloft(map), color: INK, weight: 0.9, opacity: 0.55, smoothFactor: 0.4, interactive: false }).addTo(map);
  app.table.tBodies[0].addEventListener("mouseover", ({ target }) => app.point(app.places.get(target.closest("tr")) ?? null));
  app.table.tBodies[0].addEventListener("mouseleave", () => app.point(app.chosen));
  app.table.tBodies[0].addEventListener("focusin", ({ target }) => app.point(app.places.get(target.closest("tr")) ?? null));
  return map;
}

// The arcs that part one group of polygons from another or from nothing: the borders of states, the edge of a county.
function openBorders(topology, groups) {
  const sides = topology.lengths.map(() => []);
  topology.shapes.forEach((parts, place) => parts.flat(2).forEach((arc) => sides[arc < 0 ? ~arc : arc].push(groups[place])));
  const isBorder = (beside) => (beside.length === 1 ? beside[0] !== null : new Set(beside).size > 1);
  const arcs = sides.flatMap((beside, arc) => (isBorder(beside) ? [arc] : []));
  // Make each arc a shape of its own, so that the same reader opens it. A ring drops its last
  // place, so the arc goes there and back.
  return openShapes({ ...topology, shapes: arcs.map((arc) => [[[arc, ~arc]]]) }).shapes.map(([[there]]) => there.slice(0, there.length / 2 + 1));
}

const LETTERS = new Map([..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].map((letter, bits) => [letter, bits]));
const readLetter = (letter) => LETTERS.get(letter);

// Read whole numbers from Base64 VLQ, as maps.atlas.ground.encode_numbers writes them.
function readNumbers(text) {
  const numbers = [];
  for (let at = 0, value = 0, shift = 0; at < text.length; at += 1) {
    const bits = readLetter(text[at]);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = shift = 0;
  }
  return numbers;
}

const whyMissing = (app, place) => say(`missing.${app.rows[place].className || "none"}`);

function areaWords(app, place) {
  const value = app.figures(app.layer.column)[place];
  const state = app.columns.indexOf("state");
  const name = isTract(app) ? say("table.name", { code: app.texts[place][0] }) : `${app.texts[place][0]}${state < 0 ? "" : `, ${app.texts[place][state]}`}`;
  return element("span", {}, isolate(name), element("b", {}, Number.isNaN(value) ? whyMissing(app, place) : writeFigure(value / 100, app.layer.unit)));
}

// Open a county's page, or choose a tract. A finger cannot hover, so it first sees the county's name.
function meetArea(app, place, event) {
  if (isTract(app)) { chooseTract(app, place); return; }
  // A county without a rate has no page.
  const href = app.rows[place].querySelector("a")?.href;
  if (!href) return;
  if (event.pointerType !== "touch" && !matchMedia("(hover: none)").matches) { location.assign(href); return; }
  app.point(place);
  L.popup({ closeButton: true }).setLatLng(app.map.mouseEventToLatLng(event))
    .setContent(element("span", { class: "pick" }, areaWords(app, place), element("a", { href }, say("atlas.open")))).openOn(app.map);
}

function writeLegend(app, figures, areas) {
  const { layer } = app;
  const shares = figures.filter((_, place) => areas[place] && app.kept[place]).map((value) => value / 100);
  const counts = new Map();
  areas.forEach((area, place) => {
    if (!area || !app.kept[place] || !Number.isNaN(figures[place])) return;
    const words = whyMissing(app, place);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  });
  document.getElementById("legend").replaceChildren(
    element("summary", {}, element("b", {}, layer.title)),
    element("p", { class: "when" }, `${sentence(layer.unitWords)} · ${writeMiddleDay(app.table.dataset.date)}`),
    element("ul", {}, ...classRows(layer, shares), ...[...counts].map(([words, count]) => legendRow(words === say("missing.water") ? swatch(ATLAS.water) : swatch("", "hatch"), words, count))),
    element("p", { class: "fine" }, say(isTract(app) ? "atlas.count_tracts" : "atlas.count_counties", { method: sentence(layer.method) })),
  );
}

// ---- the table

function linkTracts(app) {
  if (!isTract(app)) return;
  for (const row of app.rows) row.cells[0].replaceChildren(element("a", { href: `#${row.id}` }, isolate(row.cells[0].textContent.trim())));
}

function chooseTract(app, place, { address = true } = {}) {
  if (app.chosen !== null) app.rows[app.chosen].removeAttribute("aria-current");
  app.chosen = place;
  const row = app.rows[place];
  row.setAttribute("aria-current", "true");
  app.point?.(place);
  const box = app.table.closest(".scroll");
  box.scrollTop = row.offsetTop - box.clientHeight / 2;
  if (address) history.replaceState(null, "", `#${row.id}`);
}

function sortByHeadings(app) {
  const heads = [...app.table.tHead.rows[0].cells];
  let sorted = { column: "cumulative_share", falling: false };
  const mark = () => heads.forEach((head) => {
    const order = head.dataset.column === sorted.column ? (sorted.falling ? "descending" : "ascending") : "none";
    head.setAttribute("aria-sort", order);
    head.querySelector("i").textContent = { ascending: "↑", descending: "↓", none: "" }[order];
  });
  for (const head of heads) {
    const { column } = head.dataset;
    head.replaceChildren(element("button", { type: "button", on: { click: () => {
      sorted = { column, falling: sorted.column === column && !sorted.falling };
      sortRows(app, sorted);
      mark();
    } } }, head.textContent, element("i", { "aria-hidden": "true" })));
  }
  mark();
}

// Missing figures come last in either order; names sort by words and numbers.
function sortRows(app, { column, falling }) {
  const at = app.columns.indexOf(column);
  const turn = falling ? -1 : 1;
  const order = app.rows.map((_, place) => place);
  if (["name", "state"].includes(column)) {
    const words = SPEECH.order;
    order.sort((a, b) => turn * words.compare(app.texts[a][at], app.texts[b][at]) || a - b);
  } else {
    const figures = app.figures(column);
    const size = (place) => (Number.isNaN(figures[place]) ? Infinity : turn * figures[place]);
    order.sort((a, b) => (size(a) === size(b) ? a - b : size(a) - size(b)));
  }
  app.table.tBodies[0].append(...order.map((place) => app.rows[place]));
}

// ---- the tools above it

function buildTools(app) {
  const find = document.getElementById("find");
  const state = document.getElementById("state");
  const layers = document.getElementById("layer");
  const tally = document.getElementById("tally");
  const at = app.columns.indexOf("state");
  const states = new Map([...state?.options ?? []].map(({ value, text }) => [value, text]));
  const keys = app.texts.map((texts) => spell(at < 0 ? texts[0] : `${texts[0]} ${texts[at]} ${states.get(texts[at]) ?? ""}`));
  const finder = openFinder(app, keys);
  app.filter = () => {
    const query = spell(find.value);
    const named = keys.map((key) => fits(key, query));
    const found = finder(query, named.includes(true));
    app.rows.forEach((row, place) => {
      app.kept[place] = (named[place] || found.has(place)) && (!state?.value || app.texts[place][at] === state.value);
      row.hidden = !app.kept[place];
      sayWhy(row, found.get(place));
    });
    const count = app.kept.filter(Boolean).length;
    const all = app.rows.length;
    const noun = isTract(app) ? "tracts" : "counties";
    tally.replaceChildren(...phrase(count === all ? `atlas.all_${noun}` : `atlas.some_${noun}`, { count: all, shown: element("b", {}, writeCount(count)) }));
    app.paint?.();
  };
  find.addEventListener("input", app.filter);
  document.getElementById("tools").addEventListener("submit", (event) => event.preventDefault());
  state?.addEventListener("change", () => { showState(app, state.value); writeAddress(app); });
  if (layers) {
    document.getElementById("colors").hidden = false;
    layers.append(...ATLAS.scales.map(({ name, title }) => element("option", { value: name }, title)));
    layers.addEventListener("change", () => { app.layer = ATLAS.scales.find(({ name }) => name === layers.value); app.paint(); writeAddress(app); });
  }
  document.getElementById("export").addEventListener("click", () => saveRows(app));
}

// Spell names one way: "Saint Louis" and "St. Louis", "Cook, IL" and "cook county illinois".
const spell = (text) => plain(text).replace(/[.,'’]/g, "").replaceAll("-", " ").replace(/\bsaint(e?)\b/g, "st$1").replace(/\s+/g, " ").trim();

// Every word of the query begins a word of the key.
const fits = (key, query) => query.split(" ").every((word) => ` ${key}`.includes(` ${word}`));

// Say in a row which place or ZIP led to the county.
function sayWhy(row, why) {
  row.querySelector(".why")?.remove();
  if (why) row.cells[0].append(element("small", { class: "why" }, isolate(why)));
}

// ---- places and ZIPs, which lead to their counties

// Return what a query finds besides the names of counties: row to the place or ZIP that led there.
function openFinder(app, keys) {
  const node = document.getElementById("finder");
  let held = null;
  return (query, isCounty) => {
    if (!node || query.length < 3) return new Map();
    held ??= readFinder(JSON.parse(node.textContent), new Map(app.rows.map((row, place) => [codeOf(row), place])));
    return /^\d+$/.test(query) ? findZips(held.zips, query) : findPlaces(held.places, query, keys, isCounty);
  };
}

// Read places and ZIPs as maps.atlas.finder writes them.
function readFinder({ counties, names, counts, links, zips }, rowOf) {
  let code = 0;
  const rows = readNumbers(counties).map((step) => rowOf.get(String(code += step).padStart(5, "0")));
  const lengths = readNumbers(counts);
  const marks = "0123456789!#$%*+:;=?@^_|~";
  let before = "", at = 0;
  const places = Array.from(names.matchAll(/([0-9!#$%*+:;=?@^_|~])([^0-9!#$%*+:;=?@^_|~]+)/g), ([, mark, rest], number) => {
    before = before.slice(0, marks.indexOf(mark)) + rest;
    const linked = Array.from({ length: lengths[number] }, () => rows[readLetter(links[at++]) * 64 + readLetter(links[at++])]);
    return { name: before, key: spell(before), rows: linked };
  });
  return { places, zips: readRuns(readNumbers(zips)).map((run, number) => ({ row: rows[number], zips: run.map((zip) => String(zip).padStart(5, "0")) })) };
}

// Undo maps.atlas.finder._count_runs: lists of numbers, each as its length and its steps.
function readRuns(numbers) {
  const runs = [];
  for (let at = 0; at < numbers.length;) {
    const length = numbers[at];
    let sum = 0;
    runs.push(numbers.slice(at + 1, at + 1 + length).map((step) => (sum += step)));
    at += 1 + length;
  }
  return runs;
}

// A ZIP without ground, such as one of post office boxes, is found by its first three digits.
function findZips(counties, digits) {
  if (digits.length > 5) return new Map();
  const begin = (start) => new Map(counties.filter(({ zips }) => zips.some((zip) => zip.startsWith(start)))
    .map(({ row }) => [row, start.length === 5 ? say("atlas.why_zip", { zip: start }) : say("atlas.why_zips", { digits: start })]));
  const found = begin(digits);
  return found.size || digits.length < 5 ? found : begin(digits.slice(0, 3));
}

// A place is found by its whole name, with its state or county behind it; by the start of its name only where nothing else is.
function findPlaces(places, query, keys, isCounty) {
  const name = query.replace(/^(city|town|village|borough) of /, "");
  const found = new Map();
  const keep = (place, rows) => rows.forEach((row) => found.set(row, found.has(row) ? `${found.get(row)}, ${place.name}` : place.name));
  for (const place of places) {
    if (place.key === name) keep(place, place.rows);
    else if (name.startsWith(`${place.key} `)) keep(place, place.rows.filter((row) => fits(keys[row], name.slice(place.key.length + 1))));
  }
  if (!found.size && !isCounty) for (const place of places) if (place.key.startsWith(name)) keep(place, place.rows);
  return found;
}

function showState(app, short) {
  const state = document.getElementById("state");
  if (!state) { app.filter(); return; }
  state.value = [...state.options].some(({ value }) => value === short) ? short : "";
  app.filter();
  if (!app.map) return;
  if (state.value) app.go(app.rows.map((_, place) => place).filter((place) => app.kept[place]));
  else app.goHome();
}

// Keep state and layer, or the tract, in the part after #, so that links and the back button work.
function writeAddress(app) {
  const parts = new URLSearchParams();
  const state = document.getElementById("state")?.value;
  if (state) parts.set("state", state);
  if (app.layer !== ATLAS.scales[0]) parts.set("layer", app.layer.name);
  history.replaceState(null, "", `#${parts}`);
}

function followAddress(app) {
  const read = () => {
    const fragment = location.hash.slice(1);
    const place = app.rows.findIndex((row) => row.id && row.id === fragment);
    const parts = new URLSearchParams(fragment);
    const layer = ATLAS.scales.find(({ name }) => name === parts.get("layer"));
    if (layer && document.getElementById("layer")) {
      app.layer = layer;
      document.getElementById("layer").value = layer.name;
    }
    showState(app, parts.get("state") ?? "");
    if (place >= 0) chooseTract(app, place, { address: false });
  };
  // A link to a tract leads to its row; keep the map above it in view.
  const look = () => app.chosen !== null && document.querySelector(".stage")?.scrollIntoView({ block: "nearest" });
  addEventListener("hashchange", () => { read(); look(); });
  addEventListener("load", () => setTimeout(look));
  read();
}

// Write shares as 0-1 and points as points, the Bureau's long code, and no cell that a spreadsheet would run.
function writeRows(app) {
  const { prefix } = app.table.dataset;
  const figure = (column, place) => app.figures(column)[place] / (column.endsWith("_share") ? 100 : 1);
  const lines = [...app.table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => {
    const place = app.places.get(row);
    const weight = app.table.dataset.weight ? [row.dataset.weight ?? app.table.dataset.weight] : [];
    return [prefix + codeOf(row), row.dataset.date ?? app.table.dataset.date, ...weight, ...app.columns.map((column, at) => (["name", "state"].includes(column) ? app.texts[place][at] : figure(column, place)))];
  });
  const weight = app.table.dataset.weight ? ["weighted_by"] : [];
  return joinCsv([["geo_id", "data_date", ...weight, ...app.columns], ...lines]);
}

const saveRows = (app) => saveText(writeRows(app), `${app.table.dataset.noun}-${app.table.dataset.date}.csv`);

watchInput();
openAtlas();
