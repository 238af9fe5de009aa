// Light script for the walk through the work-plan in a session; the page is complete without it. What is saved while the
// line is down stays in this browser and is sent again, under the same key, so that it counts once.

const walk = document.querySelector(".walk");
const notice = document.querySelector(".unsent");
const place = walk && "comity-unsent-" + walk.dataset.person;
const unsent = () => JSON.parse(localStorage.getItem(place) ?? "[]");
const keep = (list) => {
  if (list.length) localStorage.setItem(place, JSON.stringify(list));
  else localStorage.removeItem(place);
  tell(list);
};

const tell = (list) => {
  if (!notice) return;
  const clash = list.filter((one) => one.clash);
  notice.hidden = !list.length;
  notice.textContent = clash.length ? notice.dataset.clash + " " : notice.dataset.unsent.replace("#", list.length);
  for (const one of clash) notice.append(resolve(one));
};

// What somebody else changed meanwhile is sent as a form: its page shows both texts.
const resolve = (one) => {
  const button = document.createElement("button");
  button.className = "small";
  button.textContent = document.getElementById(one.item)?.querySelector("h2 a")?.textContent ?? one.item;
  button.addEventListener("click", () => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: one.action });
    for (const [name, value] of new URLSearchParams(one.body)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(form);
    keep(unsent().filter((other) => other.key !== one.key));
    form.submit();
  });
  return button;
};

// send returns what became of a change: "stored", "clash", or "down" if nobody answered.
const send = async (one) => {
  try {
    const answer = await fetch(one.action, {
      method: "POST", body: one.body, credentials: "same-origin", redirect: "manual",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "X-Requested-With": "comity" },
    });
    if (answer.status === 204) return "stored";
    return answer.status >= 500 ? "down" : "clash";
  } catch {
    return "down";
  }
};

let sending = false;
const sendAll = async () => {
  if (sending || !unsent().length) return;
  sending = true;
  for (const one of unsent().filter((one) => !one.clash)) {
    const became = await send(one);
    if (became === "down") break;
    const rest = unsent().filter((other) => other.key !== one.key);
    if (became === "clash") rest.push({ ...one, clash: true });
    else mark(one.item);
    keep(rest);
  }
  sending = false;
};

const mark = (item) => {
  const li = document.getElementById(item);
  li?.classList.add("seen");
  li?.classList.remove("waiting");
  li?.querySelector("input[name=item]")?.remove();
};

if (walk) {
  tell(unsent());
  sendAll();
  addEventListener("online", sendAll);
  setInterval(sendAll, 10000);

  walk.addEventListener("submit", (e) => {
    const form = e.target.closest("form[data-review]");
    if (!form) return;
    e.preventDefault();
    const body = new URLSearchParams(new FormData(form, e.submitter)).toString();
    const item = form.closest("li").id;
    keep([...unsent(), { key: form.elements.key.value, item, action: form.action, body }]);
    form.closest("li").classList.add("waiting");
    // The next change of the same item is another one: on what this one says, under a key of its own.
    form.elements.key.value += "+";
    for (const field of form.querySelectorAll("[name^='base.']")) {
      const name = field.name.slice(5);
      if (!e.submitter?.name) field.value = form.elements[name].value;
    }
    form.querySelector("button[name=keep]")?.remove(); // it was looked at
    sendAll();
    step(1);
  });

  // Keyboard: j and k go on and back, n leaves the item as it is, s saves it.
  const items = [...walk.children];
  const step = (by) => {
    const at = items.findIndex((li) => li.contains(document.activeElement));
    const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (localStorage.getItem("comity-keys") === "off") return;
    const form = document.activeElement?.closest(".walk > li")?.querySelector("form[data-review]");
    if (e.key === "j") step(1);
    else if (e.key === "k") step(-1);
    else if (e.key === "n" && form) form.requestSubmit(form.querySelector("button[name=keep]"));
    else if (e.key === "s" && form) form.requestSubmit(form.querySelector("button:not([name])"));
    else if (e.key === "e" && form) { e.preventDefault(); form.querySelector("select").focus(); }
  });
}
