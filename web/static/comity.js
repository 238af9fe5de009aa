// Light script on top of pages that are complete without it: tells when what is shown has aged, and answers to the
// keyboard. Nothing here is required.

const live = document.querySelector("[data-live]");
if (live) {
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(live.dataset.live, { credentials: "same-origin" });
      if (answer.ok && (await answer.text()) !== live.dataset.version) {
        live.hidden = false;
        clearInterval(timer);
      }
    } catch { /* the line is down: the next look may work */ }
  };
  const timer = setInterval(look, 5000);
}

// While something is under way, the region that shows it is drawn anew, until it no longer asks for it. A region in which
// somebody is at work stays.
const refresh = setInterval(async () => {
  const region = document.querySelector("[data-refresh]");
  if (!region) return clearInterval(refresh);
  if (document.hidden || region.contains(document.activeElement)) return;
  try {
    const answer = await fetch(region.dataset.refresh, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(region.id);
    if (answer.ok && fresh) region.replaceWith(document.importNode(fresh, true));
  } catch { /* the line is down: the next look may work */ }
}, 3000);

// A menu closes when something else gets the focus or Escape is pressed.
for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("focusout", (e) => {
    if (e.relatedTarget && !menu.contains(e.relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", (e) => {
    if (e.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); }
  });
}
document.addEventListener("click", (e) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false;
});

// Keyboard: "g" and a letter go to a page, "/" to the search field, "?" shows the letters and switches them on or off.
const off = () => localStorage.getItem("comity-keys") === "off";
let goingUntil = 0;
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, [contenteditable]")) return;
  if (e.key === "?") {
    const shown = document.body.classList.toggle("keys-on");
    localStorage.setItem("comity-keys", shown ? "on" : "off");
    return;
  }
  if (off()) return;
  if (e.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) { e.preventDefault(); search.focus(); }
  } else if (Date.now() < goingUntil && /^[a-z]$/.test(e.key)) {
    goingUntil = 0;
    document.querySelector(`[data-key="${e.key}"]`)?.click();
  } else if (e.key === "g") {
    goingUntil = Date.now() + 1500;
  }
});

// A form that only looks shows its answer in place, as soon as something in it is changed.
for (const form of document.querySelectorAll("form[data-live-form]")) {
  let asked = 0;
  form.addEventListener("change", async () => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    const address = form.action.split("#")[0] + "?" + query;
    const mine = ++asked;
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const shown = page.querySelector(form.dataset.liveForm);
      if (mine !== asked || !shown) return;
      document.querySelector(form.dataset.liveForm).replaceChildren(...shown.childNodes);
      history.replaceState(null, "", address);
    } catch { /* the button does the same */ }
  });
}
