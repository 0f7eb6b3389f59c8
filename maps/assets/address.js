// Keep the view in the part of the address after #, so that a link restores it.
"use strict";

function keepAddress(app) {
  const { map } = app;
  let timer = null;
  let written = "";

  function position() {
    const { lat, lng } = map.getCenter();
    return `${Number(map.getZoom().toFixed(2))}/${lat.toFixed(3)}/${lng.toFixed(3)}`;
  }

  function compose() {
    const parts = new URLSearchParams();
    if (app.language !== app.data.languages[0]) parts.set("lang", app.language.code);
    if (app.layer !== app.data.layers[0]) parts.set("layer", app.layer.name);
    if (app.when !== app.tables.last) parts.set("date", app.dateShown());
    if (app.earlier !== null) { parts.set("than", app.tables.season.dates[app.earlier]); parts.set("at", app.split); }
    for (const [column, [low, high]] of app.filters) parts.set(`f.${column}`, `${low ?? ""}..${high ?? ""}`);
    for (const [kind, name] of app.within) parts.set(`in.${kind}`, name);
    if (app.onlyChosen) parts.set("only", "chosen");
    for (const kind of app.outlines) parts.append("show", kind);
    if (app.chosen !== null) parts.set("tract", app.data.geoids[app.chosen]);
    app.hold.writeLink(parts);
    app.around.writeLink(parts);
    app.areas.writeLink(parts);
    app.sites.writeLink(parts);
    if (position() !== app.home) parts.set("map", position());
    return parts.toString();
  }

  function write() {
    clearTimeout(timer);
    timer = setTimeout(flush, 200);
  }

  function flush() {
    clearTimeout(timer);
    written = compose();
    if (written !== location.hash.slice(1)) history.replaceState(null, "", `#${written}`);
  }

  // Ignore anything unknown: a link may come from an older or larger map.
  function read() {
    if (location.hash.slice(1) === written && written) return;
    const parts = new URLSearchParams(location.hash.slice(1));
    const filters = new Map();
    for (const { column } of app.data.filters) {
      const match = /^(-?\d*\.?\d*)\.\.(-?\d*\.?\d*)$/.exec(parts.get(`f.${column}`) ?? "");
      const bounds = match ? [match[1], match[2]].map((end) => (end === "" || Number.isNaN(Number(end)) ? null : Number(end))) : [null, null];
      if (bounds.some((bound) => bound !== null)) filters.set(column, bounds);
    }
    let district = null;
    for (const { kind, names } of app.data.districts) {
      const at = names.indexOf(parts.get(`in.${kind}`));
      if (at >= 0) district = { kind, at };
    }
    for (const [kind, { names }] of app.areas.kinds) {
      const at = names.indexOf(parts.get(`in.${AREA}${kind}`));
      if (at >= 0) district = { kind: AREA + kind, at };
    }
    const within = new Map(district ? [[district.kind, app.districts.of(district.kind).names[district.at]]] : []);
    const when = app.tables.season?.dates.indexOf(parts.get("date")) ?? -1;
    const earlier = app.tables.season?.dates.indexOf(parts.get("than")) ?? -1;
    const split = Number(parts.get("at") ?? 50);
    const place = app.data.geoids.indexOf(parts.get("tract"));
    for (const kind of app.districts.kinds.keys()) app.outline(kind, parts.getAll("show").includes(kind) || kind === district?.kind);
    app.around.readLink(parts);
    app.areas.readLink(parts);
    app.change({
      layer: app.data.layers.find(({ name }) => name === parts.get("layer")) ?? app.data.layers[0],
      earlier: earlier < 0 ? null : earlier, split: split >= 0 && split <= 100 ? split : 50, when: when < 0 ? app.tables.last : when, filters, within, district, onlyChosen: parts.get("only") === "chosen", ...app.hold.readLink(parts), chosen: place < 0 ? null : place, ...app.sites.readLink(parts),
    });
    const view = (parts.get("map") ?? "").split("/").map(Number);
    if (view.length === 3 && view.every(Number.isFinite) && Math.abs(view[1]) <= 90) map.setView([view[1], view[2]], view[0], { animate: false });
    else if (app.site !== null) app.visit(app.site, { pan: true });
    else if (place >= 0) app.choose(place, { pan: true });
    else if (district) app.enter(district.kind, district.at, { pan: true });
  }

  map.on("moveend", write);
  addEventListener("hashchange", read);
  return { write, flush, read, position };
}
