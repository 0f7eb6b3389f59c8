// Hold turfs, named groups of tracts with a team and a note, and write them for links and files.
"use strict";

const TURF_FORMAT = "census-outreach-turfs";
const TURF_COLUMNS = ["turf", "team", "note"];
// Some mail programs cut a longer link.
const LONG_LINK = 2000;

// Write tracts briefly: for each county the steps between its tract codes, in base 36.
function packTracts(geoids) {
  const counties = new Map();
  for (const geoid of [...geoids].sort()) {
    const county = geoid.slice(0, 5);
    if (!counties.has(county)) counties.set(county, []);
    counties.get(county).push(Number(geoid.slice(5)));
  }
  return [...counties].map(([county, codes]) => [county, ...codes.map((code, at) => (code - (codes[at - 1] ?? 0)).toString(36))].join(".")).join("_");
}

function unpackTracts(text) {
  return text.split("_").flatMap((part) => {
    const [county, ...steps] = part.split(".");
    let code = 0;
    return steps.map((step) => `${county}${String((code += Number.parseInt(step, 36))).padStart(6, "0")}`);
  });
}

function holdTurfs(app) {
  const { geoids } = app.data;
  const placeOf = new Map(geoids.map((geoid, place) => [geoid, place]));
  const codes = (places) => [...places].map((place) => geoids[place]);
  const findPlaces = (list) => list.map((geoid) => placeOf.get(geoid)).filter((place) => place !== undefined);
  let made = 0;

  const of = (place) => app.turfs.find(({ places }) => places.has(place)) ?? null;
  const make = ({ name = "", team = "", note = "" }, places) => ({ id: (made += 1), name, team, note, places: new Set(places) });

  // Put tracts into a turf, or with none out of all: a tract has one team at most.
  function assign(places, id) {
    const moved = new Set(places);
    return app.turfs.map((turf) => ({ ...turf, places: new Set([...(turf.id === id ? moved : []), ...[...turf.places].filter((place) => !moved.has(place))]) }));
  }

  const add = (words, places) => app.change({ turfs: [...assign(places), make(words, places)], selected: new Set() });
  const rename = (id, words) => app.change({ turfs: app.turfs.map((turf) => (turf.id === id ? { ...turf, ...words } : turf)) });
  const remove = (id) => app.change({ turfs: app.turfs.filter((turf) => turf.id !== id) });
  const give = (places, id) => app.change({ turfs: assign(places, id) });

  function writeLink(parts) {
    if (app.selected.size) parts.set("pick", packTracts(codes(app.selected)));
    for (const { name, team, note, places } of app.turfs) {
      for (const [key, text] of [["turf", name], ["team", team], ["note", note], ["tracts", packTracts(codes(places))]]) parts.append(key, text);
    }
  }

  function readLink(parts) {
    const [teams, notes, tracts] = ["team", "note", "tracts"].map((key) => parts.getAll(key));
    const turfs = parts.getAll("turf").map((name, at) => ({ name, team: teams[at], note: notes[at], tracts: unpackTracts(tracts[at] ?? "") }));
    // A link that names no turf takes none away.
    return {
      turfs: turfs.length ? take(turfs) : app.turfs,
      selected: parts.has("pick") ? new Set(findPlaces(unpackTracts(parts.get("pick")))) : app.selected,
    };
  }

  // Make turfs of what a link or a file says; the first that names a tract keeps it.
  function take(turfs) {
    const taken = new Set();
    return turfs.map(({ tracts, ...words }) => {
      const places = findPlaces(tracts).filter((place) => !taken.has(place));
      places.forEach((place) => taken.add(place));
      return make(words, places);
    });
  }

  function writeFile() {
    const turfs = app.turfs.map(({ name, team, note, places }) => ({ name, team, note, tracts: codes(places).sort() }));
    return JSON.stringify({ format: TURF_FORMAT, version: 1, data_date: app.data.dataDate, turfs }, null, 1);
  }

  // Return turfs and the number of tracts that this map lacks, or null for any other file.
  function readFile(text) {
    const isText = (value) => value === undefined || typeof value === "string";
    let file = null;
    try { file = JSON.parse(text); } catch { return null; }
    if (file?.format !== TURF_FORMAT || !Array.isArray(file.turfs)) return null;
    const whole = file.turfs.every((turf) => Array.isArray(turf?.tracts) && [turf.name, turf.team, turf.note].every(isText));
    if (!whole) return null;
    const strange = file.turfs.flatMap(({ tracts }) => tracts).filter((geoid) => !placeOf.has(geoid)).length;
    return { turfs: take(file.turfs), strange };
  }
  return { of, add, rename, remove, give, writeLink, readLink, writeFile, readFile, codes };
}

// List the tracts of every turf with its name, team, and note before the columns of the table.
function writeTurfCsv(app) {
  const rows = app.turfs.flatMap(({ name, team, note, places }) => inRankOrder(app, places).map((place) => ({ place, lead: [name, team, note] })));
  return writeCsv(app, rows, TURF_COLUMNS);
}

const writeTurfDictionary = (app) => writeDictionary(app, TURF_COLUMNS.map((column) => [column, say(`turfs.column.${column}`), say("turfs.text")]));

// Write each tract of a turf as a feature, as RFC 7946 has it: outer rings turn left.
const writeTurfShapes = (app) => writeShapes(app, app.turfs.flatMap(({ name, team, note, places }) => inRankOrder(app, places).map((place) => ({ place, lead: { turf: name, team, note } }))));

// Each tract begins with the properties of its lead; shares are 0-1, as in the table.
function writeShapes(app, rows) {
  const columns = [...new Set(["cumulative_share", "final_low80_share", "final_high80_share", "missing_households_count", "rank", ...app.data.exports.numbers])].filter(app.tables.has);
  const classes = app.data.exports.texts.filter((column) => app.data.columns[column].isClass);
  const features = rows.map(({ place, lead = {} }) => ({
    type: "Feature", id: app.data.geoids[place],
    properties: {
      ...lead, geo_id: `1400000US${app.data.geoids[place]}`, name: app.nameOf(place), rate_date: app.dateShown(),
      ...Object.fromEntries(columns.map((column) => [column, round6(app.figures(column)[place] * (column.endsWith("_points") ? 100 : 1))])),
      ...Object.fromEntries(classes.map((column) => [column, app.tables.text(column, place) || null])),
    },
    geometry: { type: "MultiPolygon", coordinates: app.shapes[place].map((rings) => rings.map((ring, at) => windRing(ring, at === 0))) },
  }));
  return JSON.stringify({ type: "FeatureCollection", features });
}

const round6 = (value) => (Number.isNaN(value) ? null : Number(value.toFixed(6)));

function windRing(ring, isOuter) {
  const points = ring.map(({ lat, lng }) => [lng, lat].map((degrees) => Number(degrees.toFixed(6))));
  const area = points.reduce((sum, [x, y], at) => { const [nextX, nextY] = points[(at + 1) % points.length]; return sum + x * nextY - nextX * y; }, 0);
  if (area > 0 !== isOuter) points.reverse();
  return [...points, points[0]];
}
