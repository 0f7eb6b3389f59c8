// Write names on the map: the largest places first, and none over another.
"use strict";

// From how many zoom steps above the first view each kind is named, and how many at most.
const LABEL_RULES = { place: [-2, 40], water: [0.6, 12], parks: [1.4, 20], landmarks: [2, 20], roads: [0.8, 14] };
const DISTRICTS_FROM = 1;
const UNITS_FROM = 1.4;
const NUMBERS_FROM = 1.5;
const LEAST_TRACT = 14;
const LABEL_FONTS = { place: "600 13px", ward: "600 12px", area: "600 11px", roads: "600 11px" };
// As the style sheet cuts long names of districts.
const WARD_WIDTH = 140;

function layLabels(app) {
  const { map } = app;
  const pane = map.createPane("labels");
  pane.style.zIndex = 640;
  pane.style.pointerEvents = "none";
  pane.setAttribute("aria-hidden", "true");
  const pen = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  let kinds = null;

  function paint() {
    if (!map.getPane("overlayPane").childElementCount) return;
    kinds ??= app.around.context.labels.map(({ kind, names, points }) => ({ kind, names, points: openPoints(points, app.around.context) }));
    const taken = listTaken();
    const marks = [];
    const above = map.getZoom() - app.homeZoom;
    const { classList } = document.documentElement;
    const isPaper = classList.contains("paper");
    // The sheet of a district names all that has room.
    const isSheet = isPaper && classList.contains("district-sheet");
    const isNear = (from) => isSheet || above >= from - 1e-6;
    // What the campaign is about comes first; the sheet of one district has numbers in its place.
    if (!isSheet && (isPaper || isNear(DISTRICTS_FROM))) for (const { name, middle } of app.districts.listShown()) put(name, middle, "ward");
    if (!isSheet && (isPaper || isNear(UNITS_FROM))) for (const { name, middle } of app.units?.listShown() ?? []) put(name, middle, "ward");
    for (const { name, middle } of app.areas.listShown()) put(name, middle, "area");
    if (app.around.isOn("names")) {
      for (const { kind, names, points } of kinds) {
        const [from, most] = LABEL_RULES[kind];
        if (!isNear(from)) continue;
        let left = most;
        names.forEach((name, at) => { if (left && put(name, points[at], kind)) left -= 1; });
      }
    }
    if (app.around.isOn("numbers") && (isPaper || above >= NUMBERS_FROM)) numberTracts(put);
    pane.replaceChildren(...marks);

    // Place a name if it is in view and its room is free.
    function put(name, place, kind, room = Infinity) {
      const { x, y } = map.latLngToContainerPoint(place);
      const size = map.getSize();
      const [width, height] = [measure(name, kind), kind === "tract" ? 13 : 15];
      const box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
      // A name that the edge of the map would cut is left out.
      if (width > room || box[0] < 0 || box[1] < 0 || box[2] > size.x || box[3] > size.y) return false;
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return false;
      taken.push(box);
      const mark = element("span", { class: `label ${kind}` }, isolate(name));
      L.DomUtil.setPosition(mark, map.latLngToLayerPoint(place));
      marks.push(mark);
      return true;
    }
  }

  // A tract has its number where the number fits into it.
  function numberTracts(put) {
    const scale = 256 * 2 ** map.getZoom() / 360;
    for (const place of app.places) {
      const center = app.centers[place];
      if (!center || app.tables.text("status", place) === "water" || !map.getBounds().contains(center)) continue;
      const bounds = app.sizeOf(place);
      if (bounds.height * scale < LEAST_TRACT * 1.6) continue;
      put(shortName(app, place), center, "tract", bounds.width * scale * 0.8);
    }
  }

  function measure(name, kind) {
    const key = `${kind} ${name}`;
    if (!widths.has(key)) {
      pen.font = `${LABEL_FONTS[kind] ?? "11px"} system-ui, sans-serif`;
      widths.set(key, Math.min(pen.measureText(name.slice(0, 40)).width, kind === "ward" ? WARD_WIDTH : Infinity) + 6);
    }
    return widths.get(key);
  }

  // Names of turfs and counts of districts are there already, and controls would hide what lies below them. On paper the
  // boxes stand beside the map.
  function listTaken() {
    const boxes = document.documentElement.classList.contains("paper") ? "" : ", .legend, .times > *";
    const frame = map.getContainer().getBoundingClientRect();
    return [...map.getContainer().parentElement.querySelectorAll(`.district span, .site, .leaflet-control${boxes}`)].map((box) => box.getBoundingClientRect())
      .map(({ left, top, right, bottom }) => [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top]);
  }

  map.on("zoomstart", () => pane.replaceChildren());
  map.on("moveend", paint);
  return { paint };
}

// The number of a tract without the word before it.
function shortName(app, place) {
  const name = app.tables.text("name", place);
  return /([\d.]+)$/.exec(name)?.[1] ?? name;
}
