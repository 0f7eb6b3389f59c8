// Say the reasons of a tract in the page's language.
"use strict";

// List the reasons; a clause that no catalog has is English, and marked so.
function listReasons(clauses) {
  if (!clauses.length) return [];
  const items = clauses.map((clause) => element("li", typeof clause === "string" ? { lang: "en" } : {}, isolate(sentence(sayClause(clause)))));
  return [element("ul", { class: "reasons" }, ...items)];
}
