// Further terms below a row: htmx fetches them once, after that the link shows and hides them.
const opened = (link) => {
  const next = link.closest("tr").nextElementSibling;
  return next?.matches(".opened") ? next : null;
};

const tell = (link) => link.setAttribute("aria-expanded", String(opened(link)?.hidden === false));

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-opens]");
  if (!link) return;
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey; // the browser opens a tab or a window
  const below = opened(link);
  if (elsewhere || below) event.stopPropagation();
  if (elsewhere || !below) return;
  event.preventDefault();
  below.hidden = !below.hidden;
  tell(link);
}, true);

document.addEventListener("htmx:load", (event) => {
  event.detail.elt.querySelectorAll("a[data-opens]").forEach(tell);
  const above = event.detail.elt.previousElementSibling?.querySelector("a[data-opens]");
  if (above) tell(above);
});

// The dot beside a figure opens the same row.
document.addEventListener("click", (event) => {
  const dot = event.target.closest?.("a[data-claims]");
  const link = dot?.closest("tr").querySelector("a[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!opened(link) || opened(link).hidden) link.click();
});

// What is on its way when the table is swapped has no row any more to stand below: it is asked for once more.
const awaited = new Set();
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches("a[data-opens]")) awaited.add(detail.elt.getAttribute("href"));
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.matches("a[data-opens]")) awaited.delete(detail.elt.getAttribute("href"));
});

// What was opened stays open while the table is sorted or unfolded: its rows move over to the new table. The
// keyboard stays on what opens them.
let kept = new Map();
let held = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "provider-table") return;
  held = document.activeElement.matches("a[data-opens]") ? document.activeElement.getAttribute("href") : null;
  const links = [...detail.target.querySelectorAll('a[data-opens][aria-expanded="true"]')];
  kept = new Map(links.map((link) => [link.getAttribute("href"), opened(link)]));
});
document.addEventListener("htmx:load", ({ detail }) => {
  if (detail.elt.id !== "provider-table") return;
  for (const link of detail.elt.querySelectorAll("a[data-opens]")) {
    const href = link.getAttribute("href");
    const row = kept.get(href);
    if (row) link.closest("tr").after(row);
    if (row) tell(link);
    if (href === held && document.activeElement === document.body) link.focus({ preventScroll: true });
    if (awaited.delete(href)) link.click();
  }
  kept.clear();
});

// The table's links keep the provider whose code is shown below it, also after another one was chosen there.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "use") return; // going back swaps too, and names no target
  const use = document.getElementById("use-provider").value;
  for (const link of document.querySelectorAll('#provider-table a[href^="?"]')) {
    const query = new URLSearchParams(link.search);
    query.set("use", use);
    link.setAttribute("href", `?${query}${link.hash}`);
  }
});
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.matches('#provider-table a[href^="?"]')) detail.path = detail.elt.pathname + detail.elt.search;
});
