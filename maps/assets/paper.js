// Draw the map as vectors while it is printed: a canvas may still be blank when paper is drawn.
"use strict";

// Print a map of another shape with the same area in view, and the legend open. Size, colors, and
// tracts are set while the page is still on the screen. All tracts in view fill the paper.
function fitPaper(map, { paint, home }) {
  const root = document.documentElement;
  const legend = document.getElementById("legend");
  let view = null;

  addEventListener("beforeprint", () => {
    if (view) return;
    view = { bounds: map.getBounds(), center: map.getCenter(), zoom: map.getZoom(), open: legend.open };
    root.classList.add("paper");
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    map.invalidateSize({ animate: false, pan: false });
    paint();
    const area = view.bounds.contains(home) ? home.pad(0.02) : view.bounds;
    map.fitBounds(map.options.paperBounds ?? area, { animate: false });
    view.sheet = drawSheet(map);
  });
  addEventListener("afterprint", () => {
    if (!view) return;
    view.sheet.remove();
    root.classList.remove("paper");
    legend.open = view.open;
    map.invalidateSize({ animate: false, pan: false });
    paint();
    map.setView(view.center, view.zoom, { animate: false });
    view = null;
  });
}

// Copy everything that the map's canvases hold, in their order, into one picture of vectors.
function drawSheet(map) {
  const sheet = drawing("svg", { class: "sheet-of", width: 1, height: 1, "aria-hidden": "true" }, ...drawMarks(map));
  map.getPanes().overlayPane.append(sheet);
  return sheet;
}

function drawMarks(map) {
  const canvases = new Set();
  map.eachLayer((layer) => layer instanceof L.Path && canvases.add(layer.options.renderer ?? map.getRenderer(layer)));
  const inks = new Map();
  // Canvases lie over one another in the order of their panes.
  const height = (canvas) => Number(getComputedStyle(canvas.getPane()).zIndex);
  const groups = [...canvases].sort((a, b) => height(a) - height(b)).map((canvas) => {
    const marks = [];
    for (let at = canvas._drawFirst; at; at = at.next) marks.push(...drawMark(at.layer, inks));
    return cutGroup(marks, canvas.getPane().style.clip);
  });
  return [...[...inks.values()].map(({ pattern }) => pattern), ...groups];
}

// A pane that shows only a part of the map is cut the same way.
function cutGroup(marks, clip) {
  if (!clip) return drawing("g", {}, ...marks);
  const [top, right, bottom, left] = clip.match(/-?[\d.]+(?=px)/g).map(Number);
  const cut = drawing("clipPath", { id: "cut" }, drawing("rect", { x: left, y: top, width: Math.max(right - left, 0), height: bottom - top }));
  return drawing("g", {}, cut, drawing("g", { "clip-path": "url(#cut)" }, ...marks));
}

function drawMark(layer, inks) {
  return (layer.listLooks?.() ?? [layer.options]).flatMap((options) => drawOptions(layer, options, inks));
}

function drawOptions(layer, options, inks) {
  const { fill, fillOpacity, color, weight, opacity, dashArray, stroke } = options;
  const style = {
    fill: fill === false ? "none" : findInk(options.fillColor ?? color, inks), "fill-opacity": fillOpacity ?? 1, "fill-rule": "evenodd",
    stroke: stroke === false ? "none" : color, "stroke-width": weight, "stroke-opacity": opacity ?? 1, "stroke-dasharray": dashArray ?? "none", "stroke-linejoin": "round",
  };
  if (layer._spots) return [drawing("path", { d: layer._spots.map(({ x, y }) => `M${x} ${y}h.01`).join(""), stroke: color, "stroke-width": weight, "stroke-linecap": "round" })];
  if (layer._point) return layer._radius ? [drawing("circle", { cx: layer._point.x, cy: layer._point.y, r: layer._radius, ...style })] : [];
  const close = layer instanceof L.Polygon ? "Z" : "";
  const line = (layer._parts ?? []).filter((part) => part.length).map((part) => `M${part.map(({ x, y }) => `${x} ${y}`).join("L")}${close}`).join("");
  return line ? [drawing("path", { d: line, ...style, ...(close ? {} : { fill: "none" }) })] : [];
}

// Stripes and dots are patterns of the canvas; paper has its own.
function findInk(color, inks) {
  if (typeof color === "string") return color;
  if (!inks.has(color)) {
    const id = `ink-${inks.size}`;
    const { ground, ink, dots } = color.look;
    const mark = dots ? drawing("circle", { cx: 3.5, cy: 3.5, r: 1.1, fill: ink }) : drawing("path", { d: "M-1 1L1 -1M0 7L7 0M6 8L8 6", stroke: ink, "stroke-width": 1 });
    const pattern = drawing("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse" }, drawing("rect", { width: 7, height: 7, fill: ground }), mark);
    inks.set(color, { id, pattern });
  }
  return `url(#${inks.get(color).id})`;
}
