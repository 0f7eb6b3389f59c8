// Draw missing households as dots at random in their tract, or as counts in the middle of districts.
"use strict";

function layDots(app) {
  const { map } = app;
  const Dots = L.Path.extend({
    initialize(options) { L.setOptions(this, options); this.places = []; },
    _project() {
      this._spots = this.places.map((point) => this._map.latLngToLayerPoint(point));
      this._updateBounds();
    },
    _updateBounds() { this._pxBounds = L.bounds(this._spots.length ? this._spots : [[0, 0]]); },
    _update() { if (this._map) this._updatePath(); },
    _updatePath() {
      const pen = this._renderer._ctx;
      pen.fillStyle = this.options.color;
      pen.globalAlpha = 1;
      const side = this.options.weight;
      for (const { x, y } of this._spots) pen.fillRect(x - side / 2, y - side / 2, side, side);
    },
    redraw() { if (this._map) { this._project(); this._renderer._updatePath(this); } return this; },
  });
  const layer = app.data.layers.find(({ shape }) => shape === "dots");
  if (!layer) return { paint() {} };
  const dots = new Dots({ renderer: aloft(map), interactive: false, color: layer.color });
  const scatter = [];

  // Carry what is left of a dot to the next tract, so that all dots together count right.
  function place() {
    const figures = app.figures(layer.column);
    let rest = 0;
    return app.places.flatMap((tract) => {
      if (!app.kept[tract] || !(figures[tract] > 0)) return [];
      rest += figures[tract] / layer.dots;
      const count = Math.round(rest);
      rest -= count;
      scatter[tract] ??= openScatter(app.shapes[tract], tract);
      return scatter[tract](Math.max(count, 0));
    });
  }

  function paint() {
    const isOn = app.layer === layer;
    if (!isOn) { dots.remove(); return; }
    dots.places = place();
    dots.setStyle({ weight: map.getZoom() > app.homeZoom + 1.5 ? 3 : 1.7 });
    if (map.hasLayer(dots)) dots.redraw();
    else dots.addTo(map);
  }
  return { paint };
}

// Return a function that gives the first so many random places of a tract, always the same ones.
function openScatter(shape, seed) {
  const rings = shape.flat();
  const draw = openDraw(seed + 1);
  const found = [];
  const bounds = rings.length ? L.latLngBounds(rings.flat()) : null;

  function next() {
    const [south, west, north, east] = [bounds.getSouth(), bounds.getWest(), bounds.getNorth(), bounds.getEast()];
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const spot = L.latLng(south + draw() * (north - south), west + draw() * (east - west));
      if (rings.reduce((inside, ring) => inside !== crossesRing(ring, spot.lat, spot.lng), false)) return spot;
    }
    return bounds.getCenter();
  }
  return (count) => {
    while (bounds && found.length < count) found.push(next());
    return found.slice(0, count);
  };
}

// The generator mulberry32: the same seed gives the same numbers, 0-1.
function openDraw(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// Count the missing households of each district in a circle, with the figure where there is room.
function layCounts(app) {
  const { map } = app;
  const layer = app.data.layers.find(({ shape }) => shape === "districts");
  const group = L.layerGroup();
  const kind = () => [...app.outlines].at(-1) ?? app.data.districts[0]?.kind;

  function paint() {
    group.clearLayers();
    if (app.layer !== layer) { group.remove(); return; }
    const { weights, centers } = app.districts.kinds.get(kind());
    const counts = weights.map((parts) => sumTracts(app, parts).missing || 0);
    const top = Math.max(...counts, 1);
    layer.top = top;
    const order = counts.map((_, at) => at).filter((at) => centers[at]).sort((a, b) => counts[b] - counts[a]);
    const taken = [];
    for (const at of order) {
      const radius = circleRadius(counts[at], top, map.getZoom() - app.homeZoom);
      group.addLayer(L.circleMarker(centers[at], { renderer: aloft(map), interactive: false, radius, color: "#fff", weight: 1, fillColor: layer.color, fillOpacity: 0.6 }));
      const spot = map.latLngToLayerPoint(centers[at]);
      if (taken.some((other) => Math.abs(other.x - spot.x) < 46 && Math.abs(other.y - spot.y) < 15)) continue;
      taken.push(spot);
      group.addLayer(nameMark(centers[at], writeCount(counts[at])));
    }
    group.addTo(map);
  }
  map.on("zoomend", () => app.layer === layer && paint());
  return { paint, kind };
}
