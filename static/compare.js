// Models gathered for comparison on whatever page, kept in this browser. Without scripts the addresses of
// /compare/ hold them. Each is kept as {m, name}: what an address calls it, and what people do.
const NAME = "compare";
const MOST = 8;
const PAGE = "/compare/";
let gathered = [];

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) || "[]");
    gathered = kept.filter((each) => typeof each?.m === "string" && typeof each.name === "string").slice(0, MOST);
  } catch {} // then they last as long as the page
}

function keep(models) {
  gathered = models.slice(0, MOST);
  try {
    localStorage.setItem(NAME, JSON.stringify(gathered));
  } catch {}
  show();
}

const slug = (m) => m.split("@")[0];
const has = (m) => gathered.some((each) => slug(each.m) === slug(m));
const count = (n) => `${n} model${n === 1 ? "" : "s"}`;

function toggle(m, name) {
  if (has(m)) {
    keep(gathered.filter((each) => slug(each.m) !== slug(m)));
    return say(`${name} removed, ${count(gathered.length)} to compare`);
  }
  if (gathered.length >= MOST) return say(`${count(MOST)} are the most: remove one first`, true);
  keep([...gathered, { m, name }]);
  say(`${name} added, ${count(gathered.length)} to compare`);
}

// The tray: made here, for without this script there is nothing in it.
const make = (tag, attributes, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
};
const list = make("ul", {});
const full = make("span", { className: "quiet" });
const go = make("a", { className: "button primary" });
const clear = make("button", { type: "button", className: "button", textContent: "Clear" });
const tray = make("aside", { className: "tray", id: "tray", hidden: true }, list, full, go, clear);
tray.setAttribute("aria-label", "Models to compare");
const told = make("p", { className: "visually-hidden", id: "tray-said" });
told.setAttribute("role", "status");
document.body.append(tray, told);
clear.addEventListener("click", () => {
  keep([]);
  say("Nothing to compare");
  document.getElementById("content")?.focus();
});

function say(text, seen = false) {
  told.textContent = text;
  full.textContent = seen ? text : "";
}

function chip({ m, name }) {
  const remove = make("button", { type: "button", className: "remove", textContent: "×", title: "Remove" });
  remove.setAttribute("aria-label", `Remove ${name}`);
  remove.addEventListener("click", () => {
    const at = [...list.children].findIndex((item) => item.contains(remove));
    toggle(m, name);
    (list.children[Math.min(at, list.children.length - 1)]?.querySelector("button")
      || document.getElementById("content"))?.focus();
  });
  return make("li", {}, make("span", { textContent: name, title: name, dir: "auto" }), remove);
}

function show() {
  list.replaceChildren(...gathered.map(chip));
  full.textContent = "";
  const query = gathered.map(({ m }) => `m=${encodeURIComponent(m).replaceAll("%2F", "/").replaceAll("%40", "@")}`);
  go.href = `${PAGE}?${query.join("&")}`;
  go.textContent = gathered.length > 1 ? `Compare ${count(gathered.length)}` : "Find another to compare";
  // The comparison itself shows what is gathered.
  tray.hidden = !gathered.length || Boolean(document.querySelector("[data-spelled]"));
  for (const box of document.querySelectorAll("input.gather")) box.checked = has(box.value);
  for (const link of document.querySelectorAll("a[data-compare]")) {
    link.textContent = has(link.dataset.compare) ? "Remove from compare" : "Add to compare";
  }
}

// A box on every row of a list of models.
function dress() {
  for (const row of document.querySelectorAll(":is(#models, #more) tr[data-model]")) {
    const who = row.querySelector("th .who");
    if (!who || who.querySelector(".gather")) continue;
    const name = who.querySelector("a").textContent;
    const box = make("input", { type: "checkbox", className: "gather", value: row.dataset.model, title: `Compare ${name}` });
    box.setAttribute("aria-label", `Compare ${name}`);
    box.checked = has(box.value);
    who.prepend(box);
  }
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches("input.gather")) return;
  toggle(target.value, target.closest("th").querySelector("a").textContent);
  target.checked = has(target.value);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-compare]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  toggle(link.dataset.compare, link.dataset.name);
});

// A comparison whose models are those in the tray is one's own: what changes there changes here. Any other, as from
// a shared link, leaves the tray as it is until one chooses to keep it.
const compared = () => [...document.querySelectorAll("#comparison [data-spelled]")].map(({ dataset }) => ({ m: dataset.spelled, name: dataset.name }));
const alike = (these, those) => these.length === those.length && these.every((m) => those.includes(m));
let own = false;
let before = null;

function recognise() {
  const kept = gathered.map(({ m }) => m);
  // A name in the address may be another spelling of what it leads to.
  own = alike(compared().map(({ m }) => m), kept) || alike(new URLSearchParams(location.search).getAll("m"), kept);
  before = null;
}

const button = (textContent, act) => {
  const made = make("button", { type: "button", className: "plain", textContent });
  made.addEventListener("click", act);
  return made;
};

function choose(models, replaced, text) {
  own = !own;
  before = replaced;
  keep(models);
  offer();
  say(text);
  document.querySelector("#tray-choice :is(button, a)")?.focus({ preventScroll: true });
}

function offer() {
  document.getElementById("tray-choice")?.remove();
  const models = compared();
  if (!models.length || (own && !before)) return;
  const choice = make("p", { className: "tray-choice quiet", id: "tray-choice" });
  if (own) {
    const undo = () => choose(before, null, `Your tray holds ${count(before.length)} again`);
    choice.append("These are in your tray now.", button("Undo", undo));
  } else {
    const held = gathered;
    const take = () => choose(models, held, `${count(models.length)} in your tray`);
    choice.append(
      held.length ? `Your tray still holds ${count(held.length)}.` : "These are not in your tray.",
      button("Keep these in my tray", take),
    );
    if (held.length) choice.append(make("a", { className: "plain", href: go.href, textContent: "Back to my tray" }));
  }
  document.getElementById("comparison").prepend(choice);
}

function refresh(event) {
  const followed = document.activeElement === document.body && event?.type === "htmx:afterSettle";
  if (own && document.getElementById("comparison")) keep(compared());
  dress();
  show();
  offer();
  // The link that was followed is gone with the table that it stood in.
  if (followed) document.querySelector("#compared a, #add")?.focus({ preventScroll: true });
}
read();
recognise();
refresh();
document.addEventListener("htmx:afterSettle", refresh);
document.addEventListener("htmx:historyRestore", refresh);
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  read();
  recognise();
  refresh();
});
addEventListener("storage", ({ key }) => {
  if (key !== NAME) return;
  read();
  recognise();
  show();
  offer();
});
