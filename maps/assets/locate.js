// Show a scale, the reader's place, and pictures behind the map; each only where the reader taps.
"use strict";

const SPOTS = ["parks", "landmarks"];
// Steps closer than the first view.
const SPOT_ZOOM = 2;

function layLocation(app) {
  const { map } = app;
  const words = element("p", { class: "place-words", role: "status" });
  const button = element("button", { type: "button", class: "locate", title: say("locate.label"), "aria-label": say("locate.label"), on: { click: ask } }, "◎");
  const control = L.control({ position: "topleft" });
  control.onAdd = () => {
    const box = element("div", { class: "leaflet-bar" }, button);
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  control.addTo(map);
  L.control.scale({ position: "topleft", maxWidth: 84, metric: false }).addTo(map);
  map.getContainer().parentElement.append(words);
  const dot = L.circleMarker([0, 0], { renderer: aloft(map), radius: 7, color: "#fff", weight: 3, fillColor: "#0b5c7d", fillOpacity: 1, interactive: false });

  function tell(text) {
    words.textContent = text;
    setTimeout(() => { if (words.textContent === text) words.textContent = ""; }, 8000);
  }

  function ask() {
    if (!navigator.geolocation) { tell(say("locate.unable")); return; }
    tell(say("locate.waiting"));
    navigator.geolocation.getCurrentPosition(({ coords }) => found(coords), ({ code }) => tell(say(code === 1 ? "locate.refused" : "locate.unable")),
      { timeout: 15000, maximumAge: 60000 });
  }

  function found({ latitude, longitude }) {
    const place = mark(latitude, longitude);
    tell(place < 0 ? say("locate.outside") : say("locate.inside", { name: app.nameOf(place) }));
  }

  // Put the dot on a point, choose the tract there, and return it.
  function mark(lat, lng) {
    const place = app.shapes.findIndex((shape) => holdsPoint(shape, lat, lng));
    dot.setLatLng([lat, lng]).addTo(map).bringToFront();
    if (place >= 0) app.choose(place, { pan: true, fromKeyboard: true });
    return place;
  }

  // Parks and landmarks of the Bureau, as many as the map names: the search leads to their tract.
  const { context } = app.around;
  const named = context.labels.filter(({ kind }) => SPOTS.includes(kind));
  const list = () => named.flatMap(({ kind, names, points }) => {
    const places = openPoints(points, context);
    const detail = say(`search.spot.${kind}`);
    return names.map((name, at) => ({ name, detail, key: plain(`${name} ${detail}`), go: () => goTo(L.latLng(places[at])) }));
  });

  function goTo(spot) {
    map.setView(spot, Math.max(map.getZoom(), app.homeZoom + SPOT_ZOOM), { animate: false });
    mark(spot.lat, spot.lng);
  }

  app.spots = { kinds: named.map(({ kind }) => kind), list };
}

// Link to a point in the maps of the device; nothing is sent before the tap.
function mapsLink(center) {
  if (!center) return [];
  const [lat, lng] = [center.lat.toFixed(5), center.lng.toFixed(5)];
  const href = /Android/.test(navigator.userAgent) ? `geo:${lat},${lng}?q=${lat},${lng}`
    : /iPhone|iPad|Macintosh/.test(navigator.userAgent) ? `https://maps.apple.com/?ll=${lat},${lng}&q=${lat},${lng}`
      : `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lng}#map=15/${lat}/${lng}`;
  return [element("p", { class: "fine" }, element("a", { href, target: "_blank", rel: "noreferrer" }, say("locate.open")))];
}

// Offer pictures behind the map where the campaign names them. Without a network the map stays as it is.
function layBasemap(app) {
  const { basemap } = app.data;
  if (!basemap) return;
  const tiles = L.tileLayer(basemap.address, { attribution: "", maxZoom: 19 });
  const credit = element("p", { class: "credit", hidden: true }, isolate(basemap.credit));
  app.map.getContainer().append(credit);
  const box = element("input", { type: "checkbox", name: "basemap", on: { change: () => {
    if (box.checked) tiles.addTo(app.map); else tiles.remove();
    credit.hidden = !box.checked;
    app.map.getContainer().classList.toggle("with-basemap", box.checked);
  } } });
  document.getElementById("panel-layers").append(element("fieldset", {}, element("legend", {}, say("basemap.title")),
    element("label", { class: "choice" }, box, element("span", {}, say("basemap.show"))), element("p", { class: "fine" }, say("basemap.note"))));
}
