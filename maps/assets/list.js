// List the matching tracts in a table that sorts, opens the popup, and saves as CSV.
"use strict";

const ROWS_SHOWN = 100;

function buildTable(app) {
  const panel = document.getElementById("panel-table");
  const save = element("button", { type: "button", id: "export", on: { click: () => saveCsv(app) } }, say("table.save"));
  const table = element("table", {}, element("caption", { class: "quiet" }, say("table.caption")), element("thead"), element("tbody"));
  const more = element("button", { type: "button", on: { click: () => { shown += ROWS_SHOWN; render(); } } }, say("table.more"));
  let shown = ROWS_SHOWN;
  let sort = { column: app.tables.has("rank") ? "rank" : "cumulative_share", falling: false };
  const explain = element("button", { type: "button", id: "explain", on: { click: () => saveText(writeDictionary(app), "tracts-columns.csv") } }, say("table.explain"));
  panel.append(element("div", { class: "row" }, save, explain), element("div", { class: "scroll" }, table), more);

  function columns() {
    const fixed = [
      { column: "rank", label: say("table.rank"), unit: "count" },
      { column: "cumulative_share", label: say("table.rate"), unit: "share" },
      { column: "missing_households_count", label: say("table.missing"), unit: "count" },
    ].filter(({ column }) => app.tables.has(column));
    const { layer } = app;
    return layer.shape === "units" || fixed.some(({ column }) => column === layer.column)
      ? fixed : [...fixed, { column: layer.column, label: layer.short, unit: layer.unit }];
  }

  function sortBy(column) {
    const rises = column === "rank" || app.data.columns[column].isClass;
    sort = { column, falling: sort.column === column ? !sort.falling : !rises };
    render();
  }

  function header({ column, label }) {
    const order = sort.column === column ? (sort.falling ? "descending" : "ascending") : "none";
    return element("th", { scope: "col", "aria-sort": order },
      element("button", { type: "button", "data-column": column, on: { click: () => sortBy(column) } }, label, element("i", { "aria-hidden": "true" }, { ascending: "↑", descending: "↓", none: "" }[order])));
  }

  // Give the focus back to the row or heading that had it before the table was redrawn.
  function keepFocus({ dataset }) {
    const name = dataset.geoid ? "geoid" : "column";
    table.querySelector(`[data-${name}="${dataset[name]}"]`)?.focus({ preventScroll: true });
  }

  function render() {
    if (panel.hidden) return;
    const shownColumns = columns();
    if (!shownColumns.some(({ column }) => column === sort.column)) sort = { column: shownColumns[0].column, falling: false };
    const places = keptInOrder(app, sort);
    const head = element("tr", {}, element("th", { scope: "col" }, say("table.tract")), ...shownColumns.map(header));
    const rows = places.slice(0, shown).map((place) => element("tr", { "aria-current": place === app.chosen ? "true" : null },
      element("th", { scope: "row" }, element("button", { type: "button", class: "link", "data-geoid": app.data.geoids[place], on: { click: () => app.choose(place, { pan: true, fromKeyboard: true }) } }, isolate(app.nameOf(place)))),
      ...shownColumns.map((shownColumn) => element("td", {}, writeOf(app, shownColumn, place, writeCell)))));
    const focused = table.contains(document.activeElement) ? document.activeElement : null;
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(...rows);
    if (focused) keepFocus(focused);
    more.hidden = places.length <= shown;
    save.textContent = say("table.save_count", { count: places.length });
  }

  document.getElementById("tab-table").addEventListener("click", render);
  document.getElementById("tab-table").addEventListener("focus", render);
  return { render };
}

// Missing figures come last in either order.
function keptInOrder(app, { column, falling }, among = app.places.filter((place) => app.kept[place])) {
  const figures = app.figures(column);
  const size = (place) => (Number.isNaN(figures[place]) ? Infinity : falling ? -figures[place] : figures[place]);
  return [...among].sort((a, b) => size(a) - size(b) || a - b);
}

// Write shares as 0-1 and points as points, as the column names say, the Bureau's long code so that no spreadsheet takes it
// for a number, and no cell that a spreadsheet would run. A row may begin with further cells.
function writeCsv(app, rows = inRankOrder(app).map((place) => ({ place })), before = []) {
  const { data, tables } = app;
  const kinds = data.districts.map(({ kind }) => kind);
  const head = [...before, "geo_id", "name", ...kinds, "status", "data_date", "rate_date", ...data.exports.numbers, ...data.exports.texts];
  const lines = rows.map(({ place, lead = [] }) => [
    ...lead, `1400000US${data.geoids[place]}`, app.nameOf(place), ...kinds.map((kind) => tables.text(`district ${kind}`, place)),
    tables.text("status", place), data.dataDate, app.dateShown(),
    ...data.exports.numbers.map((column) => app.figures(column)[place] * (column.endsWith("_points") ? 100 : 1)),
    ...data.exports.texts.map((column) => tables.text(column, place)),
  ]);
  return joinCsv([head, ...lines]);
}

const inRankOrder = (app, among) => keptInOrder(app, { column: "rank", falling: false }, among);

// Say what each column means, in a file beside the table.
const writeDictionary = (app, before = []) => joinCsv([["column", "meaning", "unit"], ...before, ...app.language.dictionary]);

const joinCsv = (lines) => `\ufeff${lines.map((line) => line.map(writeCsvCell).join(",")).join("\r\n")}\r\n`;

function writeCsvCell(value) {
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(Number(value.toFixed(6)));
  const safe = /^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20|]/.test(value) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}

const saveCsv = (app) => saveText(writeCsv(app), `tracts-${app.dateShown()}.csv`);

const saveText = (text, name, type = "text/csv") => saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);

function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
