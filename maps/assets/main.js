// Hold the state of the page (layer, date, filters, tract) and update its parts on a change.
"use strict";

function showTracts(map, data) {
  const language = chooseLanguage(data);
  const tables = openTables(data);
  const places = Array.from({ length: tables.count }, (_, place) => place);
  const app = {
    map, data, language, tables, places,
    layer: data.layers[0], when: tables.last, filters: new Map(), within: new Map(), onlyChosen: false, chosen: null, site: null, district: null, outlines: new Set(), turfs: [], selected: new Set(), earlier: null, split: 50,
    homeZoom: 0, kept: new Uint8Array(tables.count).fill(1), home: "",
    ranked: places.filter((place) => !Number.isNaN(tables.figures("rank")[place])).length,
    figures: (column) => tables.figures(column, app.when),
    nameOf: (place) => nameTract(tables.text("name", place)),
    kindWords: (kind) => (isArea(kind) ? say(kind) : language.kinds[kind] === kind ? kind : sentence(language.kinds[kind])),
    dateShown: () => tables.season?.dates[app.when] ?? data.dataDate,
    dateOf: (layer) => (layer.season ? app.dateShown() : data.dataDate),
    missingWords: (place) => missingWords(app, place),
    legends: { circles: circleRows, districts: circleRows, dots: dotRows, pair: pairRows },
    pairColor: (place, rate) => app.layer.colors[pairClass(app.layer, rate, app.figures(app.layer.second)[place])],
    siteRows: () => siteLegend(app),
    choose, visit, meet, toggle, enter, leave, change, filter, limit, outline,
  };
  sayPage();
  buildLanguages(app);
  const tabs = buildTabs(app);
  const ground = layGround(app);
  const { centers, shapes, boundsOf, borderOf, sizeOf, styleOf } = ground;
  Object.assign(app, { centers, shapes, boundsOf, borderOf, sizeOf, styleOf, addressChanged: () => address.write(), hold: holdTurfs(app), turfMarks: layTurfs(app) });
  app.districts = layDistricts(app);
  app.around = layContext(app);
  app.sites = laySites(app);
  app.labels = layLabels(app);
  app.areas = layAreas(app);
  app.street = layStreet(app);
  app.units = layUnits(app);
  Object.assign(app, { scatter: layDots(app), counts: layCounts(app) });
  const popup = buildPopup(app);
  const address = keepAddress(app);
  app.keepView = address.flush;
  const parts = [buildLegend(app), buildLayerList(app), buildFilters(app), buildTable(app), buildTurfs(app, tabs), buildSeason(app), buildCompare(app), buildSiteList(app), buildContextList(app)];
  buildAreaList(app);
  layBasemap(app);
  layLocation(app);
  buildSearch(app);

  function change(news) {
    Object.assign(app, news);
    app.kept = keepTracts(app);
    if ("site" in news) app.sites.paint();
    ground.paint();
    parts.forEach((part) => part.render());
    renderTally(app);
    popup.render();
    address.write();
  }

  function choose(place, { pan = false, fromKeyboard = false } = {}) {
    change({ chosen: place, site: null });
    if (place === null) { if (!app.district) popup.close(); return; }
    popup.open(fromKeyboard);
    tabs.fold();
    if (!ground.centers[place]) return;
    const room = popup.room();
    if (pan) map.fitBounds(ground.boundsOf(place), { ...room, maxZoom: Math.max(app.homeZoom + 3, map.getZoom()), animate: false });
    else map.panInside(ground.centers[place], { ...room, animate: false });
  }

  // Open the card of a place where people get help.
  function visit(site, { pan = false, fromKeyboard = false } = {}) {
    if (!app.sites.isOn(app.sites.sites.layer[site])) app.sites.toggle(app.sites.sites.layer[site], true);
    change({ chosen: null, site });
    popup.open(fromKeyboard);
    tabs.fold();
    const room = popup.room();
    if (pan) map.fitBounds(app.sites.points[site].toBounds(2500), { ...room, animate: false });
    else map.panInside(app.sites.points[site], { ...room, animate: false });
  }

  function toggle(place) {
    const selected = new Set(app.selected);
    if (!selected.delete(place)) selected.add(place);
    change({ selected });
  }

  function filter(column, bounds) {
    const filters = new Map(app.filters);
    if (bounds.some((bound) => bound !== null)) filters.set(column, bounds);
    else filters.delete(column);
    change({ filters });
  }

  // A tap chooses the district whose outlines are shown; one inside it chooses the tract. With the
  // Shift key it selects the tract.
  function meet(place, { latlng, originalEvent }) {
    if (originalEvent?.shiftKey) { toggle(place); return; }
    const kind = app.layer.shape === "districts" ? app.counts.kind() : [...app.outlines].at(-1);
    const at = kind === undefined ? -1 : app.districts.find(kind, latlng);
    if (at >= 0 && !(app.district?.kind === kind && app.district.at === at)) enter(kind, at);
    else choose(place);
  }

  // Choose a district: outline, tally, legend, table, and card follow.
  function enter(kind, at, { pan = false, fromKeyboard = false } = {}) {
    if (isArea(kind)) app.areas.outline(kind.slice(AREA.length), true);
    else {
      app.districts.kinds.get(kind).layer.addTo(map);
      app.outlines.delete(kind);
      app.outlines.add(kind);
    }
    change({ chosen: null, site: null, district: { kind, at }, within: new Map([[kind, app.districts.of(kind).names[at]]]) });
    popup.open(fromKeyboard);
    tabs.fold();
    if (pan) map.fitBounds(app.districts.boundsOf(kind, at), { ...popup.room(), animate: false });
  }

  function leave() {
    change({ chosen: null, site: null, district: null, within: new Map() });
    popup.close();
  }

  function limit(kind, name) {
    if (name) enter(kind, app.districts.kinds.get(kind).names.indexOf(name), { pan: true });
    else leave();
  }

  function outline(kind, on) {
    const overlay = app.districts.kinds.get(kind);
    if (on) { overlay.layer.addTo(map); app.outlines.add(kind); }
    else { overlay.layer.remove(); app.outlines.delete(kind); }
    parts.forEach((part) => part.render());
    address.write();
  }

  writeFacts(app);
  buildShare(app, address);
  buildSnapshot(app);
  buildSheet(app);
  document.getElementById("print").addEventListener("click", () => print());
  fitPaper(map, ground);
  watchInput();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => ground.paint());
  map.on("click", () => (app.chosen !== null || app.site !== null ? choose(null) : app.district && leave()));
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  parts.forEach((part) => part.render());
  renderTally(app);
  ground.settle();
  app.home = address.position();
  address.read();
  ground.show();
  // The tracts are on the screen first.
  requestAnimationFrame(() => setTimeout(() => { app.around.draw(); app.sites.draw(); app.labels.paint(); }));
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
  if (app.district) for (const place of app.places) if (app.districts.weightOf(place) < LEAST_PART) kept[place] = 0;
  if (app.onlyChosen) for (const place of app.places) if (!app.tables.text("arm", place)) kept[place] = 0;
  return kept;
}

function missingWords(app, place) {
  const status = app.tables.text("status", place);
  if (status === "water") return say("missing.water");
  if (status === "rateless") return say("missing.rateless");
  if (!["targets", "units"].includes(app.layer.shape)) return say("missing.none");
  const arm = app.tables.text("arm", place);
  return arm ? say(`arm.${arm}`) : say("missing.unchosen");
}

function writeFacts({ data, language }) {
  document.getElementById("facts").replaceChildren(
    ...(data.home ? [element("a", { href: localizePage(data.home, language) }, say(data.isPart ? "page.counties" : "page.home")), " · "] : []),
    ...phrase("page.facts", { date: element("b", {}, writeMiddleDay(data.dataDate)), goal: writeWhole(data.goal) }));
}
