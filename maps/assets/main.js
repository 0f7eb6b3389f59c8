// Hold the state of the page (layer, date, filters, tract) and update its parts on a change.
"use strict";

function showTracts(map, data) {
  const tables = openTables(data);
  const places = Array.from({ length: tables.count }, (_, place) => place);
  const app = {
    map, data, tables, places,
    layer: data.layers[0], when: tables.last, filters: new Map(), within: new Map(), onlyChosen: false, chosen: null, outlines: new Set(),
    homeZoom: 0, kept: new Uint8Array(tables.count).fill(1), home: "",
    ranked: places.filter((place) => !Number.isNaN(tables.figures("rank")[place])).length,
    figures: (column) => tables.figures(column, app.when),
    nameOf: (place) => tables.text("name", place),
    dateShown: () => tables.season?.dates[app.when] ?? data.dataDate,
    dateOf: (layer) => (layer.season ? app.dateShown() : data.dataDate),
    missingWords: (place) => missingWords(app, place),
    choose, change, filter, limit, outline,
  };
  const tabs = buildTabs(app);
  const ground = layGround(app);
  app.overlays = layOutlines(app);
  app.units = layUnits(app);
  const popup = buildPopup(app);
  const address = keepAddress(app);
  const parts = [buildLegend(app), buildLayerList(app), buildFilters(app), buildTable(app), buildSeason(app)];
  buildSearch(app);

  function change(news) {
    Object.assign(app, news);
    app.kept = keepTracts(app);
    ground.paint();
    parts.forEach((part) => part.render());
    renderTally(app);
    popup.render();
    address.write();
  }

  function choose(place, { pan = false, fromKeyboard = false } = {}) {
    change({ chosen: place });
    if (place === null) { popup.close(); return; }
    popup.open(fromKeyboard);
    tabs.fold();
    if (!ground.centers[place]) return;
    const room = popup.room();
    if (pan) map.fitBounds(ground.boundsOf(place), { ...room, maxZoom: Math.max(app.homeZoom + 3, map.getZoom()), animate: false });
    else map.panInside(ground.centers[place], { ...room, animate: false });
  }

  function filter(column, bounds) {
    const filters = new Map(app.filters);
    if (bounds.some((bound) => bound !== null)) filters.set(column, bounds);
    else filters.delete(column);
    change({ filters });
  }

  function limit(kind, name) {
    const within = new Map(app.within);
    if (name) within.set(kind, name);
    else within.delete(kind);
    change({ within });
  }

  function outline(kind, on) {
    const overlay = app.overlays.get(kind);
    if (on) { overlay.layer.addTo(map); app.outlines.add(kind); }
    else { overlay.layer.remove(); app.outlines.delete(kind); }
    parts.forEach((part) => part.render());
    address.write();
  }

  writeFacts(data);
  const copy = document.getElementById("copy-link");
  copy.addEventListener("click", () => copyLink(copy, address));
  document.getElementById("print").addEventListener("click", () => print());
  fitPaper(map);
  map.on("click", () => app.chosen !== null && choose(null));
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  ground.settle();
  app.home = address.position();
  address.read();
  ground.show();
}

function keepTracts(app) {
  const kept = new Uint8Array(app.tables.count).fill(1);
  for (const [column, [low, high]] of app.filters) {
    const figures = app.figures(column);
    for (const place of app.places) {
      const value = figures[place];
      const inside = (low === null || value >= low - 1e-9) && (high === null || value <= high + 1e-9);
      if (!inside) kept[place] = 0;
    }
  }
  for (const [kind, name] of app.within) {
    for (const place of app.places) if (app.tables.text(`district ${kind}`, place) !== name) kept[place] = 0;
  }
  if (app.onlyChosen) for (const place of app.places) if (!app.tables.text("arm", place)) kept[place] = 0;
  return kept;
}

function missingWords(app, place) {
  const status = app.tables.text("status", place);
  if (status === "water") return "Water";
  if (status === "rateless") return "No rate published";
  if (!["targets", "units"].includes(app.layer.shape)) return "No figure";
  return ARM_WORDS[app.tables.text("arm", place)] ?? "Not chosen";
}

function writeFacts(data) {
  document.getElementById("facts").replaceChildren(
    "Data of ", element("b", {}, writeMiddleDay(data.dataDate)), ` · Goal ${writeFigure(data.goal, "share").replace(".0%", "%")}`);
}

// On paper the map has another shape: keep the same area in view and the legend open.
function fitPaper(map) {
  let view = null;
  let open = true;
  const legend = document.getElementById("legend");
  addEventListener("beforeprint", () => {
    view = { bounds: map.getBounds(), center: map.getCenter(), zoom: map.getZoom() };
    open = legend.open;
    for (const folded of document.querySelectorAll("details")) folded.open = true;
  });
  matchMedia("print").addEventListener("change", ({ matches }) => {
    map.invalidateSize({ animate: false });
    if (matches && view) map.fitBounds(view.bounds, { animate: false });
  });
  addEventListener("afterprint", () => {
    legend.open = open;
    map.invalidateSize({ animate: false });
    if (view) map.setView(view.center, view.zoom, { animate: false });
    view = null;
  });
}
