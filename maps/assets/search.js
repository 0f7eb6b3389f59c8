// Find tracts, districts, ZIPs, towns, cities, streets, and places of help by name, by mouse or keyboard.
"use strict";

const MOST_FOUND = 12;

function buildSearch(app) {
  const input = document.getElementById("find");
  const list = document.getElementById("found");
  const index = [
    ...[...app.districts.kinds].flatMap(([kind, { names }]) => names.map((name, at) => ({
      name, detail: app.kindWords(kind), key: plain(`${name} ${kind} ${app.kindWords(kind)}`), go: () => app.enter(kind, at, { pan: true, fromKeyboard: true }) }))),
    ...(app.units?.names ?? []).map((name, place) => ({ name, detail: app.units.title, key: plain(`${name} ${app.units.title}`), go: () => app.units.goTo(place) })),
    ...app.places.map((place) => ({
      name: app.nameOf(place), detail: app.data.geoids[place], key: plain(`${app.nameOf(place)} ${app.data.geoids[place]}`),
      go: () => app.choose(place, { pan: true, fromKeyboard: true }) })),
  ];
  index.push(...app.areas.list(), ...app.spots.list(), ...app.sites.list());
  sayKinds(app, input);
  let streets = null;
  let found = [];
  let active = -1;

  function search() {
    const query = plain(input.value);
    streets ??= app.street.list();
    found = query ? [...index, ...streets].map((item) => ({ item, at: item.key.indexOf(query) })).filter(({ at }) => at >= 0)
      .sort((a, b) => startRank(a, query) - startRank(b, query)).slice(0, MOST_FOUND).map(({ item }) => item) : [];
    // An address goes to the Bureau's own page, and only if the reader chooses that line.
    if (/^\d+ .*\p{L}/u.test(query)) found.push({ name: input.value, detail: say("search.geocoder"), go: () => open(app.data.geocoder + encodeURIComponent(input.value), "_blank", "noopener,noreferrer") });
    active = found.length ? 0 : -1;
    render(query);
  }

  function render(query = "") {
    list.replaceChildren(...found.map((item, place) => element("li", { role: "option", id: `found-${place}`, "aria-selected": String(place === active),
      on: { mousedown: (event) => { event.preventDefault(); pick(place); } } }, isolate(item.name), element("small", {}, isolate(item.detail)))));
    if (query && !found.length) list.append(element("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, say("search.none")));
    list.hidden = !list.childElementCount;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (active >= 0) input.setAttribute("aria-activedescendant", `found-${active}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  function close() {
    found = [];
    active = -1;
    render();
  }

  function pick(place) {
    const item = found[place];
    if (!item) return;
    input.value = item.name;
    close();
    app.street.clear();
    item.go();
  }

  input.addEventListener("input", search);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) { active = (active + step + found.length) % found.length; render(); }
    else if (event.key === "Enter") pick(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}

// Say what this map can find, and nothing else: not every map has streets or districts.
function sayKinds(app, input) {
  const hasStreets = Boolean(app.around.context.streets.names);
  const kinds = ["tracts", ...(app.districts.kinds.size ? ["districts"] : []), ...(hasStreets ? ["streets"] : []), ...app.areas.kinds.keys(), ...app.spots.kinds, ...(app.sites.all.length ? ["sites"] : [])];
  const words = [...new Set(kinds.map((kind) => say(`search.kind.${kind}`)))];
  document.getElementById("finds").textContent = say("search.help", { kinds: SPEECH.list.format(words) });
  if (hasStreets) input.placeholder = input.labels[0].textContent = say("search.street");
}

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "").toLowerCase().trim();

// Names that start with the query come first, then words that do, then the rest.
function startRank({ item, at }, query) {
  if (at === 0) return item.key.length === query.length ? 0 : 1;
  return item.key[at - 1] === " " ? 2 : 3;
}
