// Draw the ZIPs, pins, and polygons sent to platforms above the tracts, with a list of them.
"use strict";

const UNITS_LISTED = 200;

function layUnits(app) {
  const { map, data } = app;
  const { units } = data;
  if (!units) return null;
  const layer = data.layers.find(({ shape }) => shape === "units");
  const outlines = units.topology ? openShapes(units.topology) : { shapes: [], centers: [] };
  const renderer = aloft(map);
  const drawn = units.names.map((name, place) => {
    const arm = units.arms[place];
    const style = {
      renderer, interactive: false, color: layer.arms[arm], weight: 2.2, opacity: 1, dashArray: arm === "treat" ? null : "5 4",
      fillOpacity: 0.9,
      fillColor: arm === "treat" ? layer.colors[classOf(layer, units.budgets[place])] : armPattern(arm, layer.arms[arm]),
    };
    const circle = units.circles[place];
    if (circle) return L.circle([circle[0], circle[1]], { ...style, radius: circle[2] * 1000 });
    return outlines.shapes[place]?.length ? L.polygon(outlines.shapes[place], style) : null;
  });
  // Send circles to the back from smallest to largest, so that small ones stay on top.
  const size = (place) => units.circles[place]?.[2] ?? 0;
  const group = L.layerGroup(units.names.map((_, place) => place).sort((a, b) => size(a) - size(b)).map((place) => drawn[place]).filter(Boolean));
  const list = element("div", { class: "units", hidden: true });
  list.append(listUnits());

  // The names of the units on the map; circles have none.
  function listShown() {
    if (!units.labelled || !map.hasLayer(group)) return [];
    return outlines.centers.flatMap((middle, place) => (middle ? [{ name: units.names[place], middle }] : []));
  }

  function goTo(place) {
    if (app.layer !== layer) app.change({ layer });
    // A circle knows its bounds only on a map.
    const circle = units.circles[place];
    const bounds = circle ? L.latLng(circle[0], circle[1]).toBounds(circle[2] * 2000) : drawn[place]?.getBounds();
    if (bounds) map.fitBounds(bounds, { padding: [40, 40], maxZoom: 14, animate: false });
  }

  function listUnits() {
    const rows = units.names.slice(0, UNITS_LISTED).map((name, place) => element("tr", {},
      element("th", { scope: "row" }, element("button", { type: "button", class: "link", on: { click: () => goTo(place) } }, isolate(name))),
      element("td", {}, say(`arm.short.${units.arms[place]}`)),
      element("td", {}, units.arms[place] === "treat" ? writeFigure(units.budgets[place], "usd") : "–"),
      element("td", {}, writeCount(units.homes[place]))));
    const unseen = units.names.length - rows.length + drawn.filter((shape) => !shape).length;
    return element("div", {}, element("table", {}, element("caption", { class: "quiet" }, app.language.units),
      element("thead", {}, element("tr", {}, ...[app.language.units, ...["arm", "budget", "homes"].map((column) => say(`units.${column}`))].map((words) => element("th", { scope: "col" }, words)))),
      element("tbody", {}, ...rows)),
    unseen ? element("p", { class: "fine" }, say("units.unseen", { count: unseen })) : null);
  }

  function paint() {
    const on = app.layer === layer;
    list.hidden = !on;
    if (on === map.hasLayer(group)) return;
    if (on) group.addTo(map); else group.remove();
    app.labels.paint();
    if (on) group.eachLayer((shape) => shape.bringToBack());
  }

  return { paint, goTo, list, listShown, names: units.names, title: app.language.units };
}
