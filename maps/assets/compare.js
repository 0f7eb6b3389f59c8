// Lay another date of the season over the left part of the map, up to a line that moves.
"use strict";

function buildCompare(app) {
  const { map, tables } = app;
  const { season } = tables;
  if (!season || season.dates.length < 3) return { render() {}, able: () => false };
  const box = document.getElementById("compare");
  const pane = map.createPane("then");
  Object.assign(pane.style, { zIndex: 420, pointerEvents: "none" });
  const group = L.layerGroup();
  const rope = element("div", { class: "divide", "aria-hidden": "true", hidden: true }, element("b"), element("b"), element("i"));
  const grip = rope.lastChild;
  grip.addEventListener("pointerdown", (event) => grip.setPointerCapture(event.pointerId));
  grip.addEventListener("pointermove", (event) => {
    if (!grip.hasPointerCapture(event.pointerId)) return;
    const { left, width } = map.getContainer().getBoundingClientRect();
    app.change({ split: Math.min(Math.max(Math.round(((event.clientX - left) / width) * 100), 0), 100) });
  });
  let drawn = null;
  const slider = (label, attributes, act) => element("input", { type: "range", step: 1, min: 0, "aria-label": say(label), ...attributes, on: { input: ({ target }) => act(Number(target.value)) } });
  const date = slider("compare.date", { max: tables.last }, (earlier) => app.change({ earlier }));
  const line = slider("compare.line", { max: 100 }, (split) => app.change({ split }));
  const shown = element("output");
  const toggle = document.getElementById("compare-toggle");
  toggle.addEventListener("click", () => app.change({ earlier: app.earlier === null ? Math.max(0, Math.floor(app.when / 2)) : null }));
  box.append(element("label", {}, element("span", {}, say("compare.left")), date, shown), element("label", {}, element("span", {}, say("compare.meet")), line));
  document.querySelector(".stage").append(rope);
  L.DomEvent.disableClickPropagation(box);

  const able = () => app.layer.shape === "fill" && app.layer.season !== "";

  function draw() {
    const canvas = L.canvas({ pane: "then", padding: 0.4 });
    drawn = app.shapes.map((shape) => L.polygon(shape, { renderer: canvas, interactive: false, smoothFactor: 0.4 }));
    drawn.forEach((tract) => group.addLayer(tract));
  }

  function paint() {
    const figures = tables.figures(app.layer.column, app.earlier);
    const tones = readTones();
    drawn.forEach((tract, place) => tract.setStyle(app.styleOf(place, figures, tones)));
  }

  // Panes move with the map: cut this one in the map's own places.
  function cut() {
    if (app.earlier === null) return;
    const size = map.getSize();
    const [from, to] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(size)];
    const at = (size.x * app.split) / 100;
    pane.style.clip = `rect(${from.y}px, ${from.x + at}px, ${to.y}px, ${from.x}px)`;
    rope.style.left = `${at}px`;
  }
  map.on("move resize", cut);

  function render() {
    toggle.hidden = !able();
    const isOn = able() && app.earlier !== null;
    toggle.setAttribute("aria-pressed", String(isOn));
    box.hidden = rope.hidden = !isOn;
    if (!isOn) { group.remove(); return; }
    if (!drawn) draw();
    group.addTo(map);
    paint();
    cut();
    date.value = String(app.earlier);
    line.value = String(app.split);
    shown.textContent = writeShortDay(season.dates[app.earlier]);
    date.setAttribute("aria-valuetext", writeDay(season.dates[app.earlier]));
    const [left, right] = rope.children;
    left.textContent = writeShortDay(season.dates[app.earlier]);
    right.textContent = writeShortDay(app.dateShown());
  }
  return { render, able };
}
