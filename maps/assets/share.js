// Share the view: a link where the page has an address, and a plain sentence where it is a file.
"use strict";

// The address of a file leads nowhere on another machine; its view is what stands after #.
function describeShared(app) {
  const title = document.querySelector("h1").textContent;
  const date = writeDay(app.dateShown());
  if (location.protocol !== "file:") return { title, text: say("share.text", { title, date }), url: location.href };
  return { title, text: say("share.file", { title, date, view: location.hash || "#" }) };
}

function buildShare(app, address) {
  const copy = document.getElementById("copy-link");
  const send = document.getElementById("share");
  copy.addEventListener("click", async () => {
    address.flush();
    const { text, url } = describeShared(app);
    await copyText(copy, url ?? text);
  });
  // Phones have a sheet of programs to share with.
  send.hidden = !(navigator.share && matchMedia("(pointer: coarse)").matches);
  send.addEventListener("click", async () => {
    address.flush();
    const shared = describeShared(app);
    try {
      await navigator.share({ ...shared, ...(await takeAlong(app)) });
    } catch (fault) {
      // A person who closes the sheet wants nothing else.
      if (!/Abort/.test(fault.name)) await copyText(send, shared.url ?? shared.text);
    }
  });
  // What was copied from a file opens in the search field of another copy.
  document.getElementById("find").addEventListener("paste", (event) => {
    const view = /#\S*=\S*/.exec(event.clipboardData.getData("text"))?.[0];
    if (!view) return;
    event.preventDefault();
    location.hash = view;
  });
}

// The picture of the map, where the phone's sheet takes pictures.
async function takeAlong(app) {
  const type = "image/png";
  const name = nameSnapshot(app);
  if (!navigator.canShare?.({ files: [new File([], name, { type })] })) return {};
  return { files: [new File([await paintSnapshot(app)], name, { type })] };
}

async function copyText(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = say("page.copied");
  } catch {
    button.textContent = say("page.not_copied");
  }
  setTimeout(() => { button.textContent = say(button.dataset.say); }, 2500);
}
