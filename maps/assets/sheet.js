// Print one page about a district: its map with tract numbers, its figures, and its tracts.
"use strict";

// Tracts that fit on the page; the table of the map has all.
const SHEET_ROWS = 72;

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
    for (const place of places) if (app.centers[place]) numbers.addLayer(nameMark(app.centers[place], bareNumber(app.nameOf(place)), "number"));
    head.replaceChildren(element("h2", {}, isolate(names[at])), element("p", {}, ...sumLine(app, "turfs.holds", [...weights[at]], parts.length)));
    foot.replaceChildren(...sheetTables(app, places, weights[at]));
    app.map.options.paperBounds = app.districts.boundsOf(kind, at);
    root.classList.add("district-sheet");
    numbers.addTo(app.map);
    addEventListener("afterprint", leave, { once: true });
    globalThis.print();
  };

  function leave() {
    root.classList.remove("district-sheet");
    numbers.remove();
    app.map.options.paperBounds = null;
    head.replaceChildren();
    foot.replaceChildren();
  }
}

const bareNumber = (name) => /[\d.]+$/.exec(name)?.[0] ?? name;

// The tracts in three columns, the first by rank first, and where the figures are from.
function sheetTables(app, places, weights) {
  const columns = [["rank", "rank", "count"], ["cumulative_share", "rate", "share"], ["missing_households_count", "missing", "count"]].filter(([column]) => app.tables.has(column));
  const heads = ["tract", ...columns.map(([, key]) => key)].map((key) => element("th", { scope: "col" }, say(`table.${key}`)));
  const row = (place) => element("tr", {},
    element("th", { scope: "row" }, isolate(bareNumber(app.nameOf(place))), weights.get(place) < 0.995 ? element("small", {}, ` ${writePercent(weights.get(place))}`) : null),
    ...columns.map(([column, , unit]) => element("td", {}, writeCell(app.figures(column)[place], unit))));
  const shown = places.slice(0, SHEET_ROWS);
  const third = Math.ceil(shown.length / 3);
  const tables = [0, 1, 2].map((at) => shown.slice(at * third, (at + 1) * third)).filter((part) => part.length).map((part) =>
    element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) => head.cloneNode(true)))), element("tbody", {}, ...part.map(row))));
  const rest = places.length - shown.length;
  const words = [rest ? say("sheet.rest", { count: rest }) : "", say("sheet.note", { date: writeDay(app.dateShown()) }), closed(app.language.source)];
  return [element("div", { class: "thirds" }, ...tables), element("p", { class: "fine" }, words.filter(Boolean).join(" "))];
}
