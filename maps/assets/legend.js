// Show what the colors mean, their date and source, and which tracts have no figure.
"use strict";

function buildLegend(app) {
  const box = document.getElementById("legend");
  if (matchMedia("(max-width: 760px)").matches) box.open = false;

  function render() {
    const { layer } = app;
    const figures = app.figures(layer.column);
    const ramp = element("span", { class: "ramp", "aria-hidden": "true" });
    for (const color of layer.colors ?? [layer.color]) {
      const step = element("i");
      step.style.background = color;
      ramp.append(step);
    }
    const shown = layer.shape === "units" ? app.data.units.budgets.map((usd, place) => (app.data.units.arms[place] === "treat" ? usd : NaN)) : figures;
    const special = app.legends[layer.shape];
    const rows = special ? special(app, layer, figures) : classRows(layer, shown, layer.shape === "units" ? null : app.kept);
    box.replaceChildren(
      element("summary", {}, element("b", {}, layer.title), ramp),
      element("p", { class: "when" }, sentence(layer.unitWords) + (layer.dated ? ` · ${writeMiddleDay(app.dateOf(layer))}` : "")),
      element("ul", {}, ...rows, ...armRows(app, layer), ...(layer.shape === "units" ? [] : missingRows(app, figures))),
      ...(app.siteRows?.() ?? []),
      element("p", { class: "fine" }, `${sentence(layer.method)}. `, isolate(closed(layer.source))),
    );
  }
  app.map.on("zoomend", () => ["circles", "districts"].includes(app.layer.shape) && render());
  return { render };
}

const closed = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function legendRow(mark, label, count) {
  return element("li", {}, mark, element("span", {}, label), element("em", {}, count === null ? "" : writeCount(count)));
}

function swatch(color, kind = "") {
  const made = element("i", { class: `swatch ${kind}`, "aria-hidden": "true" });
  if (color) made.style[kind.startsWith("arm") ? "borderColor" : "background"] = color;
  return made;
}

function classRows(layer, figures, kept = null) {
  const counts = Array.from({ length: layer.edges.length }, () => 0);
  figures.forEach((value, place) => { if (!Number.isNaN(value) && (!kept || kept[place])) counts[classOf(layer, value)] += 1; });
  return layer.labels.map((label, place) => legendRow(swatch(layer.colors[place]), label, counts[place]));
}

function circleRows(app, layer) {
  const round = 10 ** Math.floor(Math.log10(layer.top));
  const top = Math.floor(layer.top / round) * round;
  const write = (value) => layer.column === "missing_households_count" ? say("legend.homes", { count: value })
    : `${writeCount(value)} ${layer.unitWords}`;
  return [top, top / 2, top / 10].filter(Number.isInteger).map((value) => {
    const size = 2 * circleRadius(value, layer.top, app.map.getZoom() - app.homeZoom);
    const ring = swatch(layer.color, "ring");
    ring.style.width = ring.style.height = `${Math.min(size, 60)}px`;
    return legendRow(ring, write(value), null);
  });
}

const dotRows = (app, layer) => [legendRow(swatch(layer.color, "dot"), say("legend.dot", { count: layer.dots }), null)];

function armRows(app, layer) {
  return Object.entries(layer.arms ?? {}).flatMap(([arm, color]) => {
    const count = layer.shape === "units" ? app.data.units.arms.filter((one) => one === arm).length
      : app.places.filter((place) => app.kept[place] && app.tables.text("arm", place) === arm).length;
    return count ? [legendRow(swatch(color, `arm ${arm}`), say(`arm.${arm}`), count)] : [];
  });
}

function missingRows(app, figures) {
  const counts = new Map();
  for (const place of app.places) {
    if (!app.kept[place] || !Number.isNaN(figures[place])) continue;
    if (app.layer.shape === "targets" && app.tables.text("arm", place)) continue;
    const words = app.missingWords(place);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].map(([words, count]) =>
    legendRow(words === say("missing.water") ? swatch("var(--water)") : swatch("", words === say("missing.unchosen") ? "blank" : "hatch"), words, count));
}
