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
  return { fold: () => narrow.matches && show(null) };
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
    const outlines = element("fieldset", {}, element("legend", {}, "Outlines"));
    for (const kind of app.districts.kinds.keys()) {
      const box = element("input", { type: "checkbox", name: "outline", value: kind, on: { change: () => app.outline(kind, box.checked) } });
      outlines.append(element("label", { class: "choice" }, box, element("span", {}, isolate(kind))));
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
  panel.append(element("p", { class: "note" }, "Keep the tracts that meet every condition. Others fade; the count and the table follow."));
  for (const filter of app.data.filters) {
    const factor = filter.unit === "share" || filter.unit === "points" ? 100 : 1;
    const known = app.tables.figures(filter.column).filter((value) => !Number.isNaN(value)).map((value) => value * factor);
    if (!known.length) continue;
    const [least, most] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
    const ends = [["from", Math.floor(least)], ["to", Math.ceil(most)]].map(([word, hint], end) => {
      const input = element("input", { type: "number", step: "any", inputmode: "decimal", placeholder: String(hint),
        "aria-label": `${filter.label} ${word}`, on: { input: () => apply() } });
      fields.push({ input, column: filter.column, end, factor });
      return input;
    });
    const apply = () => {
      const bounds = ends.map((input) => (input.value === "" ? null : Number(input.value) / factor));
      app.filter(filter.column, bounds);
    };
    const unit = { share: "%", points: "points", usd: "$" }[filter.unit] ?? "";
    panel.append(element("div", { class: "threshold", role: "group", "aria-label": filter.label },
      element("span", {}, filter.label, unit && element("small", {}, ` ${unit}`)), ends[0], element("span", { "aria-hidden": "true" }, "to"), ends[1]));
  }
  const lists = app.data.districts.map(({ kind, names }) => {
    const list = element("select", { "aria-label": kind, on: { change: () => app.limit(kind, list.value) } },
      element("option", { value: "" }, "All"), ...inOrder(names).map((name) => element("option", { value: name }, name)));
    panel.append(element("div", { class: "threshold" }, element("span", {}, isolate(kind)), list));
    return { kind, list };
  });
  const only = element("input", { type: "checkbox", id: "only-chosen", on: { change: () => app.change({ onlyChosen: only.checked }) } });
  const clear = element("button", { type: "button", on: { click: () => { app.change({ filters: new Map(), onlyChosen: false }); app.leave(); } } }, "Clear all");
  if (app.tables.has("arm")) panel.append(element("label", { class: "choice" }, only, element("span", {}, "Only tracts chosen for the campaign")));
  panel.append(clear);

  function render() {
    only.checked = app.onlyChosen;
    for (const { kind, list } of lists) list.value = app.within.get(kind) ?? "";
    for (const { input, column, end, factor } of fields) {
      const bound = app.filters.get(column)?.[end] ?? null;
      const value = bound === null ? "" : String(Number((bound * factor).toFixed(6)));
      if (document.activeElement !== input) input.value = value;
    }
  }
  return { render };
}

// Sort "Ward 2" before "Ward 10".
const inOrder = (names) => [...names].sort(new Intl.Collator("en-US", { numeric: true }).compare);

// Count what is kept; the border of a district counts by its part inside.
function renderTally(app) {
  const kept = app.places.filter((place) => app.kept[place]);
  const sliver = (place) => app.district && !app.filters.size && !app.onlyChosen && app.districts.weightOf(place) > 0;
  const counted = app.places.filter((place) => app.kept[place] || sliver(place));
  const { missing, rate } = sumTracts(app, counted.map((place) => [place, app.districts.weightOf(place)]));
  const all = kept.length === app.tables.count ? "" : ` of ${NUMBER.format(app.tables.count)}`;
  const share = Number.isNaN(rate) ? [] : [" · ", element("b", {}, writeFigure(rate, "share")), ` of ${weighedBy(app)} answered`];
  document.getElementById("tally").replaceChildren(
    element("b", {}, NUMBER.format(kept.length)), `${all} tracts · `, element("b", {}, NUMBER.format(missing)), " households missing", ...share);
}
