// Looks every second whether something changed, and then puts the new page in place of the old, words being typed kept.
"use strict";

let seen = null;

async function look() {
  try {
    const { changes } = await (await fetch("/changes")).json();
    if (seen !== null && changes !== seen) await renew();
    seen = changes;
  } catch {
    // It is stopped, or starts again: look later.
  }
  setTimeout(look, 1000);
}

async function renew() {
  const answer = await fetch(location.pathname);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, fresh] = [document.getElementById("main"), page.getElementById("main")];
  const focused = document.activeElement?.id;
  for (const box of old.querySelectorAll("textarea")) {
    const next = page.getElementById(box.id);
    if (!next) continue;
    next.value = box.value;
    const folded = box.closest("details");
    if (folded) next.closest("details").open = folded.open;
  }
  const [open, foldable] = [old, fresh].map((each) => [...each.querySelectorAll(".text details")]);
  foldable.forEach((each, place) => { each.open = open[place]?.open ?? false; });
  old.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

look();
