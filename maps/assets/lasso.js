// Select tracts with a line drawn around them, and show selection and turfs on the map.
"use strict";

const SELECTED = "#a3005f";

// Draw a line with mouse, pen, or finger; tracts whose middle it encloses are selected.
function buildLasso(app, { done }) {
  const stage = document.querySelector(".stage");
  const line = drawing("polyline", { class: "rope" });
  const sheet = drawing("svg", { class: "lasso", "aria-hidden": "true" }, line);
  let path = [];
  let take = false;

  const point = ({ clientX, clientY }) => { const { left, top } = sheet.getBoundingClientRect(); return L.point(clientX - left, clientY - top); };
  const show = () => line.setAttribute("points", path.map(({ x, y }) => `${x},${y}`).join(" "));
  const stop = () => { sheet.remove(); path = []; removeEventListener("keydown", leave); done(); };
  const leave = ({ key }) => key === "Escape" && stop();

  sheet.addEventListener("pointerdown", (event) => { sheet.setPointerCapture(event.pointerId); path = [point(event)]; event.preventDefault(); });
  sheet.addEventListener("pointermove", (event) => { if (path.length) { path.push(point(event)); show(); } });
  sheet.addEventListener("pointercancel", stop);
  sheet.addEventListener("pointerup", () => {
    const ring = path.map(({ x, y }) => ({ lng: x, lat: y }));
    const inside = app.places.filter((place) => {
      if (!app.centers[place] || !app.kept[place] || app.tables.text("status", place) === "water") return false;
      const { x, y } = app.map.latLngToContainerPoint(app.centers[place]);
      return crossesRing(ring, y, x);
    });
    const selected = new Set(app.selected);
    for (const place of inside) { if (take) selected.delete(place); else selected.add(place); }
    stop();
    app.change({ selected });
  });

  function start(isTaking) {
    take = isTaking;
    line.setAttribute("points", "");
    stage.append(sheet);
    addEventListener("keydown", leave);
  }
  return { start, stop };
}

// Draw the border of the selection and of each turf with a light casing, and name the turfs.
function layTurfs(app) {
  const { map } = app;
  const draw = (style) => L.polyline([], { renderer: aloft(map), interactive: false, ...style }).addTo(map);
  const pair = (color, weight, dashArray = null) => [draw({ color: "#fff", weight: weight + 4, opacity: 0.9 }), draw({ color, weight, dashArray })];
  const borders = { turfs: pair(INK, 3, "9 5"), selected: pair(SELECTED, 4) };
  const names = L.layerGroup().addTo(map);

  function paint() {
    const lines = { turfs: app.turfs.flatMap(({ places }) => app.borderOf(places)), selected: app.borderOf(app.selected) };
    for (const [key, marks] of Object.entries(borders)) for (const mark of marks) mark.setLatLngs(lines[key]).bringToFront();
    names.clearLayers();
    for (const { name, places } of app.turfs) if (places.size) names.addLayer(nameMark(middleOf(app, places), name || say("turfs.unnamed"), "turf-name"));
  }
  return { paint };
}

// Return the middle of the tract that is nearest to the middle of all.
function middleOf(app, places) {
  const points = [...places].map((place) => app.centers[place]).filter(Boolean);
  const mean = (key) => points.reduce((sum, point) => sum + point[key], 0) / points.length;
  const [lat, lng] = [mean("lat"), mean("lng")];
  const gap = (point) => (point.lat - lat) ** 2 + (point.lng - lng) ** 2;
  return points.reduce((best, point) => (gap(point) < gap(best) ? point : best), points[0] ?? L.latLng(0, 0));
}

// Return a function that finds the outer border of some tracts: the arcs that only one of them has.
function openBorders(topology, arcs) {
  const own = topology.shapes.map((parts) => parts.flat(2).map((arc) => (arc < 0 ? ~arc : arc)));
  return (places) => {
    const seen = new Map();
    for (const place of places) for (const arc of own[place]) seen.set(arc, (seen.get(arc) ?? 0) + 1);
    return [...seen].filter(([, count]) => count === 1).map(([arc]) => arcs[arc]);
  };
}
