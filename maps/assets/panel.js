// Build the tabs next to the map: layers, filters, and table, with a live count of matches.
"use strict";

function buildTabs(app) {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
  const narrow = matchMedia("(max-width: 760px)");

  function show(chosen) {
    tabs.forEach((tab, place) => {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === (chosen ?? tabs[0]) ? 0 : -1;
      panels[place].hidden = tab !== chosen;
    });
    app.map.invalidateSize({ animate: false });
  }

  for (const tab of tabs) {
    // On a phone a second tap closes the panel, so that the map has the screen.
    tab.addEventListener("click", () => show(narrow.matches && tab.getAttribute("aria-selected") === "true" ? null : tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      show(next);
      next.focus();
    });
  }
  show(narrow.matches ? null : tabs[0]);
  return { fold: () => narrow.matches && show(null), open: (name) => show(document.getElementById(`tab-${name}`)) };
}

function buildLayerList(app) {
  const panel = document.getElementById("panel-layers");
  const groups = new Map();
  for (const layer of app.data.layers) {
    if (!groups.has(layer.group)) groups.set(layer.group, element("fieldset", {}, element("legend", {}, layer.group)));
    const radio = element("input", { type: "radio", name: "layer", value: layer.name, on: { change: () => app.change({ layer }) } });
    groups.get(layer.group).append(element("label", { class: "choice" }, radio, element("span", {}, layer.title)));
  }
  const note = element("p", { class: "note", "aria-live": "polite" });
  panel.append(note, ...(app.units ? [app.units.list] : []), ...groups.values());
  if (app.districts.kinds.size) {
    const outlines = element("fieldset", {}, element("legend", {}, say("layers.outlines")));
    for (const kind of app.districts.kinds.keys()) {
      const box = element("input", { type: "checkbox", name: "outline", value: kind, on: { change: () => app.outline(kind, box.checked) } });
      outlines.append(element("label", { class: "choice" }, box, element("span", {}, isolate(app.kindWords(kind)))));
    }
    panel.append(outlines);
  }

  function render() {
    note.textContent = app.layer.note;
    for (const radio of panel.querySelectorAll("[name=layer]")) radio.checked = radio.value === app.layer.name;
    for (const box of panel.querySelectorAll("[name=outline]")) box.checked = app.outlines.has(box.value);
  }
  return { render };
}

function buildFilters(app) {
  const panel = document.getElementById("panel-filter");
  const fields = [];
  panel.append(element("p", { class: "note" }, say("filter.note")));
  for (const filter of app.data.filters.filter(({ unit }) => unit !== "class")) {
    const factor = filter.unit === "share" || filter.unit === "points" ? 100 : 1;
    const known = app.tables.figures(filter.column).filter((value) => !Number.isNaN(value)).map((value) => value * factor);
    if (!known.length) continue;
    const [least, most] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
    const label = say(`filter.by.${filter.column}`);
    const ends = [["filter.from", Math.floor(least)], ["filter.to", Math.ceil(most)]].map(([key, hint], end) => {
      const input = element("input", { type: "number", step: "any", inputmode: "decimal", placeholder: String(hint),
        "aria-label": say(key, { label }), on: { input: () => apply() } });
      fields.push({ input, column: filter.column, end, factor });
      return input;
    });
    const apply = () => {
      const bounds = ends.map((input) => (input.value === "" ? null : Number(input.value) / factor));
      app.filter(filter.column, bounds);
    };
    const unit = { share: "%", points: say("filter.points"), usd: "$" }[filter.unit] ?? "";
    panel.append(element("div", { class: "threshold", role: "group", "aria-label": label },
      element("span", {}, label, unit && element("small", {}, ` ${unit}`)), ends[0], element("span", { "aria-hidden": "true" }, say("filter.between")), ends[1]));
  }
  const classes = app.data.filters.filter(({ unit }) => unit === "class").map(({ column }) => listClasses(app, column, panel));
  const lists = app.data.districts.map(({ kind, names }) => {
    const list = element("select", { "aria-label": app.kindWords(kind), on: { change: () => app.limit(kind, list.value) } },
      element("option", { value: "" }, say("filter.all")), ...inOrder(names).map((name) => element("option", { value: name }, name)));
    panel.append(element("div", { class: "threshold" }, element("span", {}, isolate(app.kindWords(kind))), list));
    return { kind, list };
  });
  const only = element("input", { type: "checkbox", id: "only-chosen", on: { change: () => app.change({ onlyChosen: only.checked }) } });
  const clear = element("button", { type: "button", on: { click: () => { app.change({ filters: new Map(), onlyChosen: false }); app.leave(); } } }, say("filter.clear"));
  if (app.tables.has("arm")) panel.append(element("label", { class: "choice" }, only, element("span", {}, say("filter.chosen"))));
  panel.append(clear);

  function render() {
    only.checked = app.onlyChosen;
    for (const { column, list } of classes) list.value = String(app.filters.get(column)?.[0] ?? "");
    for (const { kind, list } of lists) list.value = app.within.get(kind) ?? "";
    for (const { input, column, end, factor } of fields) {
      const bound = app.filters.get(column)?.[end] ?? null;
      const value = bound === null ? "" : String(Number((bound * factor).toFixed(6)));
      if (document.activeElement !== input) input.value = value;
    }
  }
  return { render };
}

// Offer the classes of a column of words, in the order of the legend; a filter holds their place.
function listClasses(app, column, panel) {
  const label = say(`filter.by.${column}`);
  const list = element("select", { "aria-label": label, on: { change: () => {
    const place = list.value === "" ? null : Number(list.value);
    app.filter(column, [place, place]);
  } } }, element("option", { value: "" }, say("filter.all")),
  ...app.data.columns[column].levels.map((name, place) => element("option", { value: String(place) }, name)));
  panel.append(element("div", { class: "threshold" }, element("span", {}, isolate(label)), list));
  return { column, list };
}

// Sort "Ward 2" before "Ward 10".
const inOrder = (names) => [...names].sort(SPEECH.order.compare);

// Say how many households are missing, where a source counts them.
const missingPart = (missing, bold) => (Number.isNaN(missing) ? [] : [" · ", ...phrase("tally.missing", { count: missing, missing: bold(writeCount(missing)) })]);

// Count what is kept; the border of a district counts by its part inside.
function renderTally(app) {
  const kept = app.places.filter((place) => app.kept[place]);
  const sliver = (place) => app.district && !app.filters.size && !app.onlyChosen && app.districts.weightOf(place) > 0;
  const counted = app.places.filter((place) => app.kept[place] || sliver(place));
  const { missing, rate } = sumTracts(app, counted.map((place) => [place, app.districts.weightOf(place)]));
  const bold = (text) => element("b", {}, text);
  const all = app.tables.count;
  const tracts = kept.length === all ? phrase("tally.tracts", { count: kept.length, tracts: bold(writeCount(kept.length)) })
    : phrase("tally.some", { count: all, tracts: bold(writeCount(kept.length)) });
  const share = Number.isNaN(rate) ? [] : [" · ", ...phrase(`tally.${weighedBy(app)}`, { rate: bold(writeFigure(rate, "share")) })];
  document.getElementById("tally").replaceChildren(
    ...tracts, ...missingPart(missing, bold), ...share);
}
