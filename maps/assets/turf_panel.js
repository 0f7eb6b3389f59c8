// Build the panel of selection and turfs, and the controls of a tract that do the same by keyboard.
"use strict";

function buildTurfs(app, tabs) {
  const panel = document.getElementById("panel-turfs");
  const cards = new Map();
  const news = element("p", { class: "note", role: "status" });
  const take = element("input", { type: "checkbox" });
  const press = (key, act, attributes = {}) => element("button", { type: "button", "data-key": key, ...attributes, on: { click: act } }, say(`turfs.${key}`));
  const lasso = buildLasso(app, { done: () => { rope.setAttribute("aria-pressed", "false"); tabs.open("turfs"); } });
  const rope = press("lasso", () => {
    const isOn = rope.getAttribute("aria-pressed") === "true";
    if (isOn) { lasso.stop(); return; }
    rope.setAttribute("aria-pressed", "true");
    tabs.fold();
    lasso.start(take.checked);
  }, { "aria-pressed": "false" });
  const match = press("match", () => app.change({ selected: new Set([...app.selected, ...dryKept(app)]) }));
  const clear = press("clear", () => app.change({ selected: new Set() }));
  const make = press("make", () => { app.hold.add({ name: say("turfs.name_of", { count: app.turfs.length + 1 }) }, app.selected); [...cards.values()].at(-1)?.focus(); }, { class: "main" });
  const pick = press("save_selection", () => saveText(writeCsv(app, inRankOrder(app, app.selected).map((place) => ({ place, lead: [] }))), `tracts-selected-${app.dateShown()}.csv`));
  const shapes = press("save_selection_shapes", () => saveText(writeShapes(app, inRankOrder(app, app.selected).map((place) => ({ place }))), `tracts-selected-${app.dateShown()}.geojson`, "application/geo+json"));
  const tally = element("p", { class: "sum" });
  const list = element("div");
  const opener = element("input", { type: "file", accept: ".json,application/json", hidden: true, on: { change: open } });
  const files = element("div", { class: "row" },
    press("csv", () => saveText(writeTurfCsv(app), `turfs-${app.dateShown()}.csv`)),
    press("explain", () => saveText(writeTurfDictionary(app), "turfs-columns.csv")),
    press("geojson", () => saveText(writeTurfShapes(app), "turfs.geojson", "application/geo+json")),
    press("save", () => saveText(app.hold.writeFile(), "turfs.json", "application/json")));
  const long = element("p", { class: "fine" }, say("turfs.long"));
  panel.append(
    element("p", { class: "note" }, say("turfs.help")),
    element("div", { class: "tools" }, rope, element("label", { class: "choice" }, take, element("span", {}, say("turfs.take"))), match, clear),
    tally, element("div", { class: "tools" }, make, pick, shapes), list, files,
    press("open", () => opener.click()), opener, news, long);

  async function open() {
    const [file] = opener.files;
    if (!file) return;
    const read = app.hold.readFile(await file.text());
    opener.value = "";
    if (read) app.change({ turfs: read.turfs, selected: new Set() });
    news.textContent = !read ? say("turfs.bad_file", { name: file.name }) : read.strange ? say("turfs.strange", { count: read.strange }) : say("turfs.opened", { count: read.turfs.length });
  }

  function render() {
    const kept = dryKept(app).length;
    match.textContent = say(app.district ? "turfs.match_inside" : "turfs.match_count", { count: kept });
    for (const button of [clear, make, pick, shapes]) button.hidden = !app.selected.size;
    match.disabled = !kept;
    tally.replaceChildren(...(app.selected.size ? sumLine(app, "turfs.selected", wholly(app.selected)) : [say("turfs.nothing")]));
    files.hidden = !app.turfs.length;
    long.hidden = location.hash.length < LONG_LINK;
    for (const id of cards.keys()) if (!app.turfs.some((turf) => turf.id === id)) { cards.get(id).root.remove(); cards.delete(id); }
    for (const turf of app.turfs) {
      if (!cards.has(turf.id)) { cards.set(turf.id, buildTurfCard(app, turf.id)); list.append(cards.get(turf.id).root); }
      cards.get(turf.id).render(turf);
    }
  }
  return { render };
}

// One turf: its words, what it holds, and what can be done with it.
function buildTurfCard(app, id) {
  const field = (key, attributes = {}) => element("input", { type: "text", maxlength: 200, ...attributes, on: { input: () => app.hold.rename(id, { [key]: inputs[key].value }) } });
  const inputs = { name: field("name"), team: field("team"), note: field("note") };
  const line = element("p", { class: "sum" });
  const own = () => app.turfs.find((turf) => turf.id === id);
  const press = (key, act) => element("button", { type: "button", on: { click: act } }, say(`turfs.${key}`));
  const add = press("add", () => { app.hold.give(app.selected, id); app.change({ selected: new Set() }); });
  const root = element("fieldset", { class: "turf" }, element("legend", { class: "quiet" }, ""),
    ...Object.entries(inputs).map(([key, input]) => element("label", {}, element("span", {}, say(`turfs.${key}`)), input)), line,
    element("div", { class: "tools" }, add, press("show", () => showPlaces(app, own().places)),
      press("select", () => app.change({ selected: new Set(own().places) })), press("remove", () => app.hold.remove(id))));

  function render(turf) {
    root.firstChild.textContent = turf.name || say("turfs.unnamed");
    for (const [key, input] of Object.entries(inputs)) if (document.activeElement !== input) input.value = turf[key] ?? "";
    line.replaceChildren(...sumLine(app, "turfs.holds", wholly(turf.places)));
    add.hidden = !app.selected.size;
  }
  return { root, render, focus: () => { inputs.name.focus(); inputs.name.select(); } };
}

// Say how many tracts there are, who is missing in them, and their rate; a part of a tract counts by
// its weight.
function sumLine(app, key, weights, count = weights.length) {
  const { missing, rate } = sumTracts(app, weights);
  const share = Number.isNaN(rate) ? [] : [" · ", ...phrase(`tally.${weighedBy(app)}`, { rate: element("b", {}, writeFigure(rate, "share")) })];
  return [say(key, { count }), ...missingPart(missing, (text) => element("b", {}, text)), ...share];
}

const wholly = (places) => [...places].map((place) => [place, 1]);

// Tracts that match the filter; of a district those that lie mostly inside, so that each has one.
const dryKept = (app) => app.places.filter((place) => app.kept[place] && app.tables.text("status", place) !== "water" && app.districts.weightOf(place) >= 0.5);

function showPlaces(app, places) {
  const bounds = [...places].map(app.boundsOf).reduce((all, one) => all.extend(one), L.latLngBounds([]));
  if (bounds.isValid()) app.map.fitBounds(bounds, { padding: [30, 30], animate: false });
}

// In the popup of a tract: select it, or put it into a turf.
function turfControls(app, place) {
  const isOn = app.selected.has(place);
  const turf = app.hold.of(place);
  const toggle = element("button", { type: "button", id: "pick", "aria-pressed": String(isOn), on: { click: () => { app.toggle(place); document.getElementById("pick")?.focus(); } } }, say(isOn ? "turfs.unpick" : "turfs.pick"));
  const choice = element("select", { id: "turf", on: { change: () => { app.hold.give([place], Number(choice.value)); document.getElementById("turf")?.focus(); } } },
    element("option", { value: 0 }, say("turfs.none")),
    ...app.turfs.map(({ id, name }) => element("option", { value: id, selected: id === turf?.id }, name || say("turfs.unnamed"))));
  return [element("div", { class: "tools" }, toggle, app.turfs.length ? element("label", {}, `${say("turfs.turf")} `, choice) : null)];
}
