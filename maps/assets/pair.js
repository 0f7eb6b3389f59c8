// Color two figures at once: nine colors from few and high to many and low.
"use strict";

// Return the place in the nine colors: low rates count by three, many missing households by one.
function pairClass(layer, rate, missing) {
  if (Number.isNaN(rate) || Number.isNaN(missing)) return -1;
  const [rates, counts] = [layer.edges, layer.secondEdges];
  const low = rates.filter((edge) => rate <= edge + 1e-9).length;
  const many = counts.filter((edge) => missing > edge + 1e-9).length;
  return low * 3 + many;
}

// Explain the nine colors as a square with its axes, and count the tracts at its corners.
function pairRows(app, layer, figures) {
  const second = app.figures(layer.second);
  const counts = Array.from({ length: 9 }, () => 0);
  for (const place of app.places) {
    const at = app.kept[place] ? pairClass(layer, figures[place], second[place]) : -1;
    if (at >= 0) counts[at] += 1;
  }
  const [size, left, top] = [30, 74, 20];
  const foot = top + 3 * size;
  const cells = layer.colors.map((color, at) => drawing("rect", { x: left + Math.floor(at / 3) * size, y: top + (2 - (at % 3)) * size, width: size, height: size, fill: color, stroke: "#fff" }));
  const words = (text, x, y, anchor = "middle") => drawing("text", { x, y, "text-anchor": anchor, "font-size": 11, fill: "currentColor" }, text);
  const rateTicks = [...layer.edges].reverse().map((edge, at) => words(writePercent(edge), left + size * (at + 1), foot + 13));
  const countTicks = layer.secondEdges.map((edge, at) => words(writeCount(edge), left - 4, top + size * (2 - at) + 4, "end"));
  const square = drawing("svg", { class: "square", viewBox: "0 0 238 142", role: "img", "aria-label": say("pair.square") }, ...cells, ...rateTicks, ...countTicks,
    words(say("pair.missing"), left + 1.5 * size, 12), words(say("pair.rate"), left + 1.5 * size, foot + 28));
  const corners = [[8, "both"], [6, "low"], [2, "many"], [0, "neither"]];
  return [element("li", { class: "whole-row" }, square), ...corners.map(([at, key]) => legendRow(swatch(layer.colors[at]), say(`pair.${key}`), counts[at]))];
}
