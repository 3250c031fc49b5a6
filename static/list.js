// A select may not have loaded its options yet: then it gets the chosen one.
function setSelects() {
  const { dataset } = document.getElementById("results");
  for (const name of ["creator", "provider"]) {
    const select = document.getElementById(name);
    if (!select) continue;
    select.value = dataset[name];
    if (select.value === dataset[name]) continue;
    select.add(new Option(dataset[`${name}Name`], dataset[name]));
    select.value = dataset[name];
  }
}

// A choice applies at once, the fields of the panel with its button.
document.addEventListener("change", ({ target }) => {
  if (target.matches(".controls > select")) target.form.requestSubmit();
});

// What lies outside of the part that htmx swaps, kept in step with it.
function keepStep({ type }) {
  const search = document.getElementById("q");
  const results = document.getElementById("results");
  const writes = type === "htmx:afterSwap" && document.activeElement === search;
  if ("q" in results.dataset && !writes) search.value = results.dataset.q;
  setSelects();
  document.getElementById("said").textContent = document.getElementById("count").textContent;
}
document.addEventListener("htmx:afterSwap", keepStep);
document.addEventListener("htmx:historyRestore", keepStep);

// A link knows of the list that shows alone. What was typed or clicked since, and is not there yet, stays asked
// for: the query that a click leads to takes it on, unless the click is about the same.
let awaited = null;

function typed() {
  const { q } = document.getElementById("results").dataset;
  const words = document.getElementById("q").value.trim();
  return q === undefined || words === q ? null : words;
}

function takeOn(query) {
  const shown = new URLSearchParams(location.search);
  const wanted = new URLSearchParams(awaited ?? shown);
  if (typed() !== null) wanted.set("q", typed());
  for (const name of new Set([...wanted.keys(), ...shown.keys()])) {
    const [was, now, next] = [shown, wanted, query].map((each) => each.getAll(name));
    const isList = ["capability", "kind"].includes(name);
    if (["from", "page"].includes(name) || (!isList && `${was}` !== `${next}`)) continue;
    const stays = (value) => now.includes(value) || !was.includes(value);
    const values = isList ? [...next.filter(stays), ...now.filter((value) => !was.includes(value))] : now;
    query.delete(name);
    for (const value of new Set(values.filter(Boolean))) query.append(name, value);
  }
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.closest("#browse, #search")) return;
  const [path, stated] = detail.path.split("?");
  const query = new URLSearchParams(stated);
  for (const [name, value] of [...detail.formData]) {
    if (value) query.append(name, value);
    detail.formData.delete(name);
  }
  if (!detail.elt.closest("#pager, #clear")) takeOn(query);
  detail.path = `${path || location.pathname}?${query}`;
  awaited = query;
  turns = Boolean(detail.elt.closest("#pager"));
  pressed = "";
});
document.addEventListener("htmx:afterSwap", () => { awaited = null; });

// A further page of a list that is about to give way to another one is the other one's, once that is there.
let turns = false;
let pressed = "";
document.addEventListener("htmx:confirm", (event) => {
  if (awaited === null || turns || !event.target.closest("#pager")) return;
  event.preventDefault();
  pressed = event.target.id;
});
document.addEventListener("htmx:afterSettle", () => {
  const link = pressed && document.getElementById(pressed);
  pressed = "";
  if (link) link.click();
});

// A search that is typed letter by letter is one step back, until Enter or another place ends it.
let typing = false;
document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  const types = detail.requestConfig.elt.id === "search";
  if (types && typing) detail.history.type = "replace";
  typing = types;
});
document.getElementById("q")?.addEventListener("change", () => { typing = false; });

// What does not come is no longer asked for.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    awaited = null;
    pressed = "";
    setSelects();
  });
}

// htmx takes leave of every single element that goes; there is nothing of its own on thousands of them.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const whole = detail.shouldSwap && detail.target.id === "results";
  if (whole) document.querySelector("#models tbody")?.replaceChildren();
});

// The keyboard stays where it was, or near it when what it was on has gone.
let held = null;
document.addEventListener("htmx:beforeSwap", () => {
  const on = document.activeElement;
  held = document.getElementById("results").contains(on) ? on.id : null;
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (held === null || !detail.target) return; // going back swaps too, and names no target
  const near = detail.target.id === "results" ? "results" : "pager";
  for (const id of [held, near]) {
    if (document.activeElement === document.body) document.getElementById(id)?.focus({ preventScroll: true });
  }
});

// An answer that is still on its way when somebody goes back is no longer wanted.
addEventListener("popstate", () => {
  awaited = null;
  pressed = "";
  typing = false;
  htmx.trigger("#browse", "htmx:abort");
});

// The browser has scrolled to where one was before the older page is there; the swap must not undo that.
let wasAt = 0;
document.addEventListener("htmx:historyCacheMissLoad", () => { wasAt = scrollY; });
document.addEventListener("htmx:historyRestore", () => scrollTo(0, wasAt));

// The panel has done its work, unless a value of it makes no sense.
let applied = false;
document.addEventListener("submit", ({ target }) => {
  applied = target.matches(".controls") && document.getElementById("more-filters").open;
});
document.addEventListener("htmx:afterSettle", () => {
  const panel = document.getElementById("more-filters");
  if (applied && panel && !document.querySelector("#results > .notice")) {
    panel.open = false;
    panel.querySelector("summary").focus({ preventScroll: true });
  }
  applied = false;
});
