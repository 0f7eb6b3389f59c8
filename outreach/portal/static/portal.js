// Show on a job's page how the job goes; without this script a link shows it.
"use strict";
(() => {
  const box = document.getElementById("progress");
  if (!box) return;
  // The last lines of a job reach the server a little later than its end.
  let looksLeft = 3;

  async function look() {
    try {
      const answer = await fetch(box.dataset.address, { credentials: "same-origin" });
      if (answer.ok) box.innerHTML = await answer.text();
    } catch {
      // The portal may be starting again: look once more later.
    }
    const part = box.firstElementChild;
    const isOver = part && part.dataset.over === "yes";
    if (part && (!isOver || looksLeft > 0)) setTimeout(look, 2000);
    if (isOver) looksLeft -= 1;
    if (isOver) document.querySelectorAll("form[action$='/stop']").forEach((form) => form.remove());
  }

  const part = box.firstElementChild;
  if (part && part.dataset.over !== "yes") setTimeout(look, 2000);
})();
