// Say texts, write figures and dates, and make elements. Text always enters the page as text.
"use strict";

// The words of the page's language and its ways to write numbers; openWords fills them in.
const SPEECH = { texts: {} };

// Take a language of outreach/catalog: code, locale, direction, and texts by key.
function openWords({ code, locale, direction, texts }) {
  const tag = `${locale}-u-nu-latn`;
  const number = (style) => new Intl.NumberFormat(tag, style);
  const day = (style) => new Intl.DateTimeFormat(tag, { timeZone: "UTC", day: "numeric", ...style });
  const digits = (count) => ({ minimumFractionDigits: count, maximumFractionDigits: count });
  Object.assign(SPEECH, {
    code, tag, texts, marks: findMarks(locale), plurals: new Intl.PluralRules(locale), order: new Intl.Collator(locale, { numeric: true }),
    list: new Intl.ListFormat(locale, { type: "conjunction" }),
    count: number({ maximumFractionDigits: 0 }), tenths: number(digits(1)), hundredths: number(digits(2)),
    share: number({ style: "percent", ...digits(1) }), whole: number({ style: "percent", maximumFractionDigits: 1 }),
    dollars: number({ style: "currency", currency: "USD", maximumFractionDigits: 0 }),
    day: day({ year: "numeric", month: "long" }), middleDay: day({ year: "numeric", month: "short" }), shortDay: day({ month: "short" }),
  });
  document.documentElement.lang = code;
  document.documentElement.dir = direction;
}

// Return the marks between thousands and before decimals.
function findMarks(locale) {
  const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(1234567.8);
  const mark = (type) => parts.find((part) => part.type === type)?.value ?? "";
  return { group: mark("group"), decimal: mark("decimal") };
}

// Return the form of a text for `values.count`, with its {places} still open.
function findText(key, values) {
  const text = SPEECH.texts[key];
  return typeof text === "string" ? text : text[SPEECH.plurals.select(values.count)] ?? text.other;
}

// Say a text with its {places} filled in; numbers are written as whole numbers.
function say(key, values = {}) {
  return findText(key, values).replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? writeCount(values[name]) : values[name]));
}

// Say a text whose places hold elements: return its parts in their order.
function phrase(key, values = {}) {
  return findText(key, values).split(/\{(\w+)\}/).map((part, at) => (at % 2 ? (typeof values[part] === "number" ? writeCount(values[part]) : values[part]) : part));
}

// Say the fixed texts of the page: data-say names a text, data-say-<attribute> that of an attribute.
function sayPage() {
  for (const node of document.querySelectorAll("*")) {
    for (const { name, value } of Array.from(node.attributes)) {
      if (name === "data-say") node.textContent = say(value);
      else if (name.startsWith("data-say-")) node.setAttribute(name.slice(9), say(value));
    }
  }
}

const writeCount = (value) => SPEECH.count.format(value);

function writeFigure(value, unit) {
  if (Number.isNaN(value)) return "–";
  return unit === "points" ? say("figure.points", { figure: writeCell(value, unit) }) : writeCell(value, unit);
}

// Write a figure without its unit, for table cells whose header names it.
function writeCell(value, unit) {
  if (Number.isNaN(value)) return "–";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  switch (unit) {
    case "share": return SPEECH.share.format(size);
    case "points": return `${value > 0 ? "+" : sign}${SPEECH.tenths.format(size * 100)}`;
    case "usd": return sign + SPEECH.dollars.format(size);
    case "score": return sign + (size < 10 ? SPEECH.hundredths : SPEECH.tenths).format(size);
    default: return sign + writeCount(size);
  }
}

// Write a tract's class in words, or its figure.
function writeOf(app, { column, unit }, place, write = writeFigure) {
  return unit === "class" ? app.tables.text(column, place) || "–" : write(app.figures(column)[place], unit);
}

// Write a share as briefly as it allows: 75% and 75.5%.
const writeWhole = (value) => SPEECH.whole.format(value);
// Write a range of shares, with one percent sign.
const writeRange = (low, high) => say("figure.range", { low: SPEECH.tenths.format(low * 100), high: writeFigure(high, "share") });

const readDay = (iso) => new Date(`${iso}T00:00:00Z`);
const writeDay = (iso) => SPEECH.day.format(readDay(iso));
const writeMiddleDay = (iso) => SPEECH.middleDay.format(readDay(iso));
const writeShortDay = (iso) => SPEECH.shortDay.format(readDay(iso));

// Make an element: element("p", {class: "note"}, "text", child). Strings become text nodes.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// Isolate a name of unknown origin, so that right-to-left marks do not turn the words around it.
const isolate = (text) => element("bdi", {}, text);

function drawing(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Say a clause: its key with what stands in its places in the order of their names, or English text.
function sayClause(clause) {
  if (typeof clause === "string") return clause;
  const [key, ...values] = clause;
  const places = [...new Set(Array.from(SPEECH.texts[`reason.${key}`].matchAll(/\{(\w+)\}/g), ([, name]) => name))].sort();
  return say(`reason.${key}`, Object.fromEntries(places.map((place, at) => [place, sayValue(place, values[at])])));
}

function sayValue(place, value) {
  if (value.startsWith("#")) return say(`term.${value.slice(1)}`);
  return /_(count|share|points|usd|figure)$/.test(place) ? writeEnglish(value) : value;
}

// Write a number that stands in English, such as 1,234, 71%, or $0.52, in the page's language.
function writeEnglish(text) {
  const digits = text.replace(/[^\d.]/g, "");
  const decimals = digits.split(".")[1]?.length ?? 0;
  const style = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const [share, dollars] = [text.endsWith("%"), text.includes("$")];
  if (share) Object.assign(style, { style: "percent" });
  if (dollars) Object.assign(style, { style: "currency", currency: "USD" });
  const sign = /^[-−]/.test(text) ? "−" : text.startsWith("+") ? "+" : "";
  return sign + new Intl.NumberFormat(SPEECH.tag, style).format(share ? digits / 100 : Number(digits));
}

// Say on the page whether the last thing used was a key or a pointer: only keys show the focus ring.
function watchInput() {
  const note = (input) => () => { document.documentElement.dataset.input = input; };
  addEventListener("keydown", note("keys"), true);
  addEventListener("pointerdown", note("pointer"), true);
}
