// Draw a light line below a dark one, both along the same points, so that any color shows them.
"use strict";

const withCasing = (Path) => Path.extend({
  options: { interactive: false, fill: false, casing: 3, casingOpacity: 0.8 },

  // The options of the light line and of the dark one, in the order in which they are drawn.
  listLooks() {
    const { casing, casingOpacity } = this.options;
    const light = { color: "#fff", weight: casing, opacity: casingOpacity, dashArray: null, _dashArray: null };
    return [Object.assign(Object.create(this.options), light), this.options];
  },

  _updatePath() {
    for (const look of this.listLooks()) {
      this.options = look;
      Path.prototype._updatePath.call(this);
    }
  },

  // What is drawn again must be as wide as the light line.
  _clickTolerance() { return this.options.casing / 2; },
});

const casedLine = (points, options) => new (withCasing(L.Polyline))(points, options);
const casedPolygon = (points, options) => new (withCasing(L.Polygon))(points, options);
