// Print one page about a district: its map with tract numbers, its figures, and its tracts.
"use strict";

// Tracts that fit on the page; the table of the map has all.
const SHEET_ROWS = 72;
// Places of help that fit in the room of so many rows each, in two columns.
const SHEET_SITES = 12;
const SITE_ROWS = 3;
// From so many tracts on, six short tables: two in each column, or six side by side on wide paper.
const SHEET_SIXTHS = 37;

function buildSheet(app) {
  const [head, foot] = ["sheet-head", "sheet"].map((id) => document.getElementById(id));
  const numbers = L.layerGroup();
  const root = document.documentElement;

  app.printSheet = () => {
    const { kind, at } = app.district;
    const { weights, names } = app.districts.of(kind);
    const parts = [...weights[at]].filter(([, weight]) => weight >= LEAST_PART);
    const places = inRankOrder(app, parts.map(([place]) => place));
    numbers.clearLayers();
    for (const place of places) if (app.centers[place] && app.tables.text("status", place) !== "water") numbers.addLayer(nameMark(app.centers[place], bareNumber(app.nameOf(place)), "number"));
    head.replaceChildren(element("h2", {}, isolate(names[at])), element("p", {}, ...sumLine(app, "turfs.holds", [...weights[at]], parts.length)));
    const sites = sheetSites(app, { kind, at });
    foot.replaceChildren(...sites.lines, ...sheetTables(app, places, weights[at], SHEET_ROWS - SITE_ROWS * sites.rows));
    app.map.options.paperBounds = app.districts.boundsOf(kind, at);
    root.classList.add("district-sheet");
    numbers.addTo(app.map);
    app.map.on("moveend", thin);
    addEventListener("afterprint", leave, { once: true });
    globalThis.print();
  };

  // Numbers lie neither below the scale nor over one another: the tract that ranks first keeps its own.
  function thin() {
    const kept = [...app.map.getContainer().querySelectorAll(".leaflet-control")].map((box) => box.getBoundingClientRect());
    const marks = numbers.getLayers().map((mark) => mark.getElement());
    for (const { style } of marks) style.display = "";
    for (const mark of marks) {
      const box = mark.firstChild.getBoundingClientRect();
      const isFree = !kept.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
      if (isFree) kept.push(box); else mark.style.display = "none";
    }
    app.labels.paint();
  }

  function leave() {
    root.classList.remove("district-sheet");
    app.map.off("moveend", thin);
    numbers.remove();
    app.map.options.paperBounds = null;
    head.replaceChildren();
    foot.replaceChildren();
  }
}

const bareNumber = (name) => /[\d.]+$/.exec(name)?.[0] ?? name;

// The places of help with their hours, and how many rows they take from the tracts.
function sheetSites(app, district) {
  const { all, sites, listIn, detail, kindOf } = app.sites;
  if (!all.length) return { lines: [], rows: 0 };
  const inside = listIn(district);
  const shown = inside.slice(0, SHEET_SITES);
  const rest = inside.length - shown.length;
  const line = (at) => element("li", {}, siteMark(sites.kind[at]), element("b", {}, isolate(sites.names[at])), ` · ${[kindOf(at), detail("hours", at), detail("address", at)].filter(Boolean).join(" · ")}`);
  const words = inside.length ? [element("ul", {}, ...shown.map(line))] : [element("p", {}, say("sites.none_here"))];
  return { rows: Math.ceil(shown.length / 2) + 1,
    lines: [element("section", { class: "sheet-sites" }, element("h3", {}, say("sites.title")), ...words, rest ? element("p", { class: "fine" }, say("sites.rest", { count: rest })) : null)] };
}

// The tracts in three columns, the first by rank first, and where the figures are from. A long list
// is six tables, of which wide paper takes all side by side.
function sheetTables(app, places, weights, most) {
  const columns = [["rank", "rank", "count"], ["cumulative_share", "rate", "share"], ["missing_households_count", "missing", "count"]].filter(([column]) => app.tables.has(column));
  const heads = ["tract", ...columns.map(([, key]) => key)].map((key) => element("th", { scope: "col" }, say(`table.${key}`)));
  const row = (place) => element("tr", {},
    element("th", { scope: "row" }, isolate(bareNumber(app.nameOf(place))), weights.get(place) < 0.995 ? element("small", {}, ` ${writePercent(weights.get(place))}`) : null),
    ...columns.map(([column, , unit]) => element("td", {}, writeCell(app.figures(column)[place], unit))));
  const shown = places.slice(0, most);
  const count = shown.length < SHEET_SIXTHS ? 3 : 6;
  const length = Math.ceil(shown.length / count);
  const tables = Array.from({ length: count }, (_, at) => shown.slice(at * length, (at + 1) * length)).filter((part) => part.length).map((part) =>
    element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) => head.cloneNode(true)))), element("tbody", {}, ...part.map(row))));
  const thirds = [0, 1, 2].map((at) => tables.slice((at * count) / 3, ((at + 1) * count) / 3)).filter((part) => part.length).map((part) => element("div", {}, ...part));
  const rest = places.length - shown.length;
  const words = [rest ? say("sheet.rest", { count: rest }) : "", say("sheet.note", { date: writeDay(app.dateShown()) }), closed(app.language.source)];
  return [element("div", { class: "thirds" }, ...thirds), element("p", { class: "fine" }, words.filter(Boolean).join(" "))];
}
