// Write figures and dates, and make elements. Text always enters the page as text.
"use strict";

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const DAY = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", year: "numeric", month: "long", day: "numeric" });
const MIDDLE_DAY = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", year: "numeric", month: "short", day: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", month: "short", day: "numeric" });

function writeFigure(value, unit) {
  if (Number.isNaN(value)) return "–";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  switch (unit) {
    case "share": return `${(size * 100).toFixed(1)}%`;
    case "points": return `${value > 0 ? "+" : sign}${(size * 100).toFixed(1)} points`;
    case "usd": return `${sign}$${NUMBER.format(size)}`;
    case "score": return `${sign}${size.toFixed(size < 10 ? 2 : 1)}`;
    default: return sign + NUMBER.format(size);
  }
}

// Write a figure without its unit, for table cells whose header names it.
function writeCell(value, unit) {
  return writeFigure(value, unit).replace(" points", "");
}

const readDay = (iso) => new Date(`${iso}T00:00:00Z`);
const writeDay = (iso) => DAY.format(readDay(iso));
const writeMiddleDay = (iso) => MIDDLE_DAY.format(readDay(iso));
const writeShortDay = (iso) => SHORT_DAY.format(readDay(iso));

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

// Say on the page whether the last thing used was a key or a pointer: only keys show the focus ring.
function watchInput() {
  const note = (input) => () => { document.documentElement.dataset.input = input; };
  addEventListener("keydown", note("keys"), true);
  addEventListener("pointerdown", note("pointer"), true);
}
