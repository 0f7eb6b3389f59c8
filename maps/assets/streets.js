// Find the tracts of a street, and show them together.
"use strict";

function openStreets(app) {
  const { names, tracts } = app.around.context.streets;
  if (!names) return [];
  const numbers = openNumbers(tracts);
  const marks = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  let last = "";
  let at = 0;
  return names.split("\n").map((line) => {
    last = last.slice(0, marks.indexOf(line[0])) + line.slice(1);
    const name = last;
    const places = Array.from({ length: numbers[at] });
    at += 1;
    for (let place = 0, sum = 0; place < places.length; place += 1, at += 1) places[place] = (sum += numbers[at]);
    return { name, detail: say("street.tracts", { count: places.length }), key: plain(name), go: () => app.street.show(name, places) };
  });
}

function layStreet(app) {
  const { map } = app;
  const box = document.getElementById("street");
  const marks = [["#fff", 6], [INK, 2.5]].map(([color, weight]) =>
    L.polygon([], { renderer: aloft(map), fill: false, color, weight, dashArray: weight < 3 ? "6 4" : null, interactive: false }).addTo(map));

  function show(name, places) {
    const shapes = places.map((place) => app.shapes[place]).filter((shape) => shape.length);
    for (const mark of marks) mark.setLatLngs(shapes).bringToFront();
    box.hidden = false;
    box.replaceChildren(
      element("p", {}, ...phrase("street.through", { count: places.length, name: element("b", {}, isolate(name)) })),
      element("div", { class: "tools" },
        element("button", { type: "button", on: { click: () => app.change({ selected: new Set([...app.selected, ...places]) }) } }, say("street.select")),
        element("button", { type: "button", on: { click: close } }, say("street.close")),
        ...places.map((place) => element("button", { type: "button", on: { click: () => app.choose(place, { pan: true, fromKeyboard: true }) } }, isolate(app.nameOf(place))))));
    if (shapes.length) map.fitBounds(L.polygon(shapes).getBounds(), { padding: [24, 24], animate: false });
  }

  function clear() {
    for (const mark of marks) mark.setLatLngs([]);
    box.hidden = true;
  }

  function close() {
    clear();
    document.getElementById("find").focus();
  }
  return { show, clear, list: () => openStreets(app) };
}
