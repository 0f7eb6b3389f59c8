// Draw the tracts on one canvas and restyle them on any change; circles and outlines lie above.
"use strict";

const INK = "#16242f";
// Shapes that lie above tracts without a color of their own.
const BARE = new Set(["circles", "units", "dots", "districts"]);

function layGround(app) {
  const { map, data, tables } = app;
  const canvas = L.canvas({ padding: 0.4 });
  const { shapes, centers, arcs } = openShapes(data.topology);
  const hatch = makePattern(data.missing.fill, data.missing.line);
  const status = Array.from({ length: tables.count }, (_, place) => tables.text("status", place));
  const tracts = shapes.map((shape, place) => {
    const tract = L.polygon(shape, { renderer: canvas, smoothFactor: 0.4, bubblingMouseEvents: false });
    tract.on("click", (event) => app.meet(place, event));
    return tract;
  });
  const dry = tracts.filter((tract, place) => status[place] !== "water" && shapes[place].length);
  const home = L.featureGroup(dry.length ? dry : tracts).getBounds();
  map.fitBounds(home, homeRoom(app, 14));
  const circles = L.layerGroup();
  // Mark the chosen tract with a dark line on a light one, visible on any color.
  const marks = [["#fff", 6], [INK, 2.5]].map(([color, weight]) =>
    L.polygon([], { renderer: aloft(map), fill: false, color, weight, interactive: false }).addTo(map));
  let markers = [], drawn = "";
  hangTooltip(app, tracts);

  // Color a tract by figures of its layer; the caller reads the tones of the page once.
  function styleOf(place, figures, tones) {
    const { layer } = app;
    const line = Math.min(Math.max(0.9 + 0.4 * (map.getZoom() - app.homeZoom), 0.9), 2.2);
    const isBare = BARE.has(layer.shape);
    const style = isBare ? { fillColor: tones.bare, color: tones.seam, weight: 0.6, fillOpacity: 1 }
      : fillStyle(layer, figures[place], tables.text("arm", place), line, tones);
    if (layer.shape === "pair") style.fillColor = app.pairColor(place, figures[place]) ?? tones.blank;
    if (Number.isNaN(figures[place]) && (!["targets", "units"].includes(layer.shape) || status[place] !== "rated")) {
      style.fillColor = hatch;
      if (status[place] === "water") style.fillColor = style.color = tones.water;
    }
    if (!app.kept[place] && status[place] !== "water") Object.assign(style, { fillOpacity: 0.13, color: tones.faded, weight: 0.5, dashArray: null });
    return style;
  }

  function paint() {
    const { layer, chosen, kept } = app;
    const figures = app.figures(layer.column);
    const tones = readTones();
    for (let place = 0; place < tracts.length; place += 1) tracts[place].setStyle(styleOf(place, figures, tones));
    if (layer.shape === "targets") tracts.forEach((tract, place) => tables.text("arm", place) && tract.bringToFront());
    paintCircles(layer, figures, kept);
    app.units?.paint();
    app.scatter.paint();
    app.counts.paint();
    app.around.paint(tones.water);
    app.districts.paint();
    app.areas.paint();
    app.turfMarks.paint();
    for (const mark of marks) mark.setLatLngs(chosen === null ? [] : shapes[chosen]).bringToFront();
  }

  function paintCircles(layer, figures, kept) {
    if (layer.shape !== "circles") { circles.remove(); return; }
    if (drawn !== layer.name) { circles.clearLayers(); markers = makeMarkers(figures); drawn = layer.name; }
    for (const { marker, place } of markers) {
      const shown = kept[place] && figures[place] > 0;
      marker.setStyle({ fillColor: layer.color, fillOpacity: shown ? 0.55 : 0, opacity: shown ? 0.9 : 0 });
      marker.setRadius(shown ? circleRadius(figures[place], layer.top, map.getZoom() - app.homeZoom) : 0);
    }
    circles.addTo(map);
  }

  // Draw large circles first, so that small ones lie on top.
  function makeMarkers(figures) {
    const places = centers.map((_, place) => place).filter((place) => centers[place]);
    places.sort((a, b) => (figures[b] || 0) - (figures[a] || 0));
    return places.map((place) => {
      const marker = L.circleMarker(centers[place], { renderer: canvas, color: "#fff", weight: 0.6, bubblingMouseEvents: false });
      marker.on("click", (event) => app.meet(place, event));
      circles.addLayer(marker);
      return { marker, place };
    });
  }

  // Call this once everything has its place and color; drawing earlier would draw twice.
  function show() {
    // A link to circles has drawn them by now; tracts would cover them.
    circles.remove();
    for (const tract of tracts) tract.addTo(map);
    paint();
  }

  // Call this once the legend is there: if it covers tracts, move them to its right or above it, and
  // where the map is too small for that, fold it.
  function settle() {
    // Words that came into the page since may have moved the map's edges.
    map.invalidateSize({ animate: false });
    map.fitBounds(home, homeRoom(app, 14));
    const box = document.getElementById("legend");
    const legend = box.getBoundingClientRect();
    const frame = map.getContainer().getBoundingClientRect();
    const hidden = centers.some((center, place) => {
      if (!center || status[place] === "water") return false;
      const { x, y } = map.latLngToContainerPoint(center);
      return x + frame.left < legend.right && y + frame.top > legend.top;
    });
    const room = homeRoom(app, 14);
    if (hidden && legend.width < frame.width * 0.4) map.fitBounds(home, homeRoom(app, legend.width + 30));
    else if (hidden && legend.height < frame.height * 0.45) {
      map.fitBounds(home, { ...room, paddingBottomRight: [14, frame.bottom - legend.top + 8] });
    } else if (hidden && box.open) {
      box.open = false;
      map.fitBounds(home, { ...room, paddingBottomRight: [14, document.querySelector(".float").offsetHeight + 28] });
    }
    app.homeZoom = map.getZoom();
  }

  map.on("zoomend", () => app.layer.shape !== "fill" && paint());
  // Width and height of each tract in degrees of longitude, as the map draws them.
  const sizes = new Map();
  function sizeOf(place) {
    if (!sizes.has(place)) {
      const bounds = boundsOf(place);
      const stretch = 1 / Math.cos((centers[place].lat * Math.PI) / 180);
      sizes.set(place, { width: bounds.getEast() - bounds.getWest(), height: (bounds.getNorth() - bounds.getSouth()) * stretch });
    }
    return sizes.get(place);
  }

  const boundsOf = (place) => L.polygon(shapes[place]).getBounds();
  return { paint, styleOf, settle, show, home, boundsOf, centers, shapes, sizeOf, borderOf: openBorders(data.topology, arcs) };
}

// Return the one canvas for outlines, above the tracts; it lets the mouse through.
function aloft(map) {
  if (!map.getPane("aloft")) {
    const pane = map.createPane("aloft");
    pane.style.zIndex = 450;
    pane.style.pointerEvents = "none";
    map.options.aloft = L.canvas({ pane: "aloft", padding: 0.4 });
  }
  return map.options.aloft;
}

// Keep the boxes over the map from hiding tracts at first.
function homeRoom(app, left) {
  const narrow = matchMedia("(max-width: 760px)").matches;
  const foot = (app.tables.season ? 68 : 14) + (narrow ? 52 : 0);
  return { paddingTopLeft: [left, 14], paddingBottomRight: [14, foot], animate: false };
}

// Colors of the page that canvases use too; they follow its light or dark theme.
function readTones() {
  const page = getComputedStyle(document.documentElement);
  return Object.fromEntries(["bare", "seam", "faded", "blank", "water"].map((name) => [name, page.getPropertyValue(`--${name}`).trim()]));
}

function fillStyle(layer, value, arm, line, tones) {
  const style = { fillOpacity: 0.94, color: "#fff", weight: 0.6, opacity: 0.85, dashArray: null };
  style.fillColor = Number.isNaN(value) || layer.shape === "pair" ? tones.blank : layer.colors[classOf(layer, value)];
  if (layer.shape === "targets") {
    if (!arm) return { ...style, fillColor: tones.blank, color: tones.faded };
    Object.assign(style, { color: layer.arms[arm], weight: line, dashArray: arm === "treat" ? null : "4 3" });
    if (arm !== "treat") style.fillColor = armPattern(arm, layer.arms[arm]);
  }
  return style;
}

// Classes include their upper edge; figures beyond the last edge belong to the last class.
function classOf(layer, value) {
  const place = layer.edges.findIndex((edge) => value <= edge + 1e-9);
  return place < 0 ? layer.edges.length - 1 : place;
}

// Circle area is in proportion to the figure and grows a little with the zoom.
function circleRadius(value, top, zoomed) {
  return 12 * Math.sqrt(Math.max(value, 0) / top) * 2 ** (0.55 * Math.max(zoomed, -1));
}

// Draw stripes or dots, so that missing figures and tracts without ads differ by more than color.
function makePattern(ground, ink, dots = false) {
  const tile = element("canvas", { width: 7, height: 7 });
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, 7, 7);
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = 1;
  pen.beginPath();
  if (dots) { pen.arc(3.5, 3.5, 1.1, 0, 7); pen.fill(); }
  else for (const shift of [-7, 0, 7]) { pen.moveTo(shift, 7); pen.lineTo(shift + 7, 0); }
  if (!dots) pen.stroke();
  // Printing draws the same pattern in its own way.
  return Object.assign(pen.createPattern(tile, "repeat"), { look: { ground, ink, dots } });
}

const patterns = new Map();
function armPattern(arm, color) {
  if (!patterns.has(arm)) patterns.set(arm, makePattern("#f3f5f6", color, arm === "buffer"));
  return patterns.get(arm);
}

// Show one tooltip that follows the mouse: the tract's name and figure.
function hangTooltip(app, tracts) {
  if (matchMedia("(hover: none)").matches) return;
  const tooltip = L.tooltip({ direction: "top", offset: [0, -6], className: "tip" });
  tracts.forEach((tract, place) => {
    tract.on("mousemove", ({ latlng }) => {
      const value = app.figures(app.layer.column)[place];
      const words = Number.isNaN(value) ? app.missingWords(place) : writeOf(app, app.layer, place);
      tooltip.setContent(element("span", {}, isolate(app.nameOf(place)), element("b", {}, words)));
      tooltip.setLatLng(latlng).addTo(app.map);
    });
    tract.on("mouseout", () => tooltip.remove());
  });
}
