// Say the reasons of a tract in the page's language.
"use strict";

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

// List the reasons; a clause that no catalog has is English, and marked so.
function listReasons(clauses) {
  if (!clauses.length) return [];
  const items = clauses.map((clause) => element("li", typeof clause === "string" ? { lang: "en" } : {}, isolate(sentence(sayClause(clause)))));
  return [element("ul", { class: "reasons" }, ...items)];
}
