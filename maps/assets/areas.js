// Outline ZIPs, towns, places, and legislative districts of the Bureau, and find them by name.
"use strict";

function layAreas(app) {
  const { map, around } = app;
  const renderer = aloft(map);
  const kinds = new Map(around.context.areas.map((area) =>
    [area.kind, { ...area, corners: openPoints(area.corners, around.context), layer: null }]));

  function layerOf(kind) {
    const area = kinds.get(kind);
    if (!area.layer) {
      const lines = openLines(area.lines, around.context);
      const base = { renderer, interactive: false, fill: false };
      area.layer = L.layerGroup([L.polyline(lines, { ...base, color: "#fff", weight: 3.6, opacity: 0.8 }),
        L.polyline(lines, { ...base, color: "#5b2c83", weight: 1.7, dashArray: kind === "zcta" ? "7 4" : null })]);
    }
    return area.layer;
  }

  function outline(kind, on) {
    if (on) layerOf(kind).addTo(map);
    else kinds.get(kind).layer?.remove();
    for (const box of document.querySelectorAll("[name=area]")) if (box.value === kind) box.checked = on;
    app.labels.paint();
    app.addressChanged();
  }

  const isOn = (kind) => Boolean(kinds.get(kind).layer && map.hasLayer(kinds.get(kind).layer));

  function goTo(kind, at) {
    const { corners } = kinds.get(kind);
    outline(kind, true);
    map.fitBounds(L.latLngBounds(corners[2 * at], corners[2 * at + 1]), { padding: [24, 24], animate: false });
  }

  // What the search finds: every area by its name and kind.
  function list() {
    return [...kinds].flatMap(([kind, { names }]) => names.map((name, at) => ({
      name, detail: say(`area.${kind}`), key: plain(`${name} ${say(`area.${kind}`)}`), go: () => goTo(kind, at) })));
  }

  // The names of the areas that are outlined, each in the middle of its box.
  function listShown() {
    return [...kinds.values()].filter(({ kind }) => isOn(kind)).flatMap(({ names, corners }) =>
      names.map((name, at) => ({ name, middle: L.latLngBounds(corners[2 * at], corners[2 * at + 1]).getCenter() })));
  }

  const writeLink = (parts) => { for (const kind of kinds.keys()) if (isOn(kind)) parts.append("area", kind); };
  const readLink = (parts) => { for (const kind of kinds.keys()) outline(kind, parts.getAll("area").includes(kind)); };
  return { kinds, outline, list, listShown, writeLink, readLink };
}

function buildAreaList(app) {
  if (!app.areas.kinds.size) return;
  const boxes = [...app.areas.kinds.keys()].map((kind) => {
    const box = element("input", { type: "checkbox", name: "area", value: kind, on: { change: () => app.areas.outline(kind, box.checked) } });
    return element("label", { class: "choice" }, box, element("span", {}, say(`area.many.${kind}`)));
  });
  document.getElementById("panel-layers").append(element("fieldset", {}, element("legend", {}, say("area.title")), ...boxes));
}
