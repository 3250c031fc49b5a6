// What lies outside of the part that htmx swaps, kept in step with it.
function keepStep() {
  const search = document.getElementById("q");
  const results = document.getElementById("results");
  if ("q" in results.dataset && document.activeElement !== search) search.value = results.dataset.q;
  for (const name of ["creator", "provider"]) {
    const select = document.getElementById(name);
    if (select) select.value = results.dataset[name];
  }
  document.getElementById("said").textContent = document.getElementById("count").textContent;
}
document.addEventListener("htmx:afterSwap", keepStep);
document.addEventListener("htmx:historyRestore", keepStep);

// htmx takes leave of every single element that goes; there is nothing of its own on thousands of them.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const whole = detail.shouldSwap && detail.target.id === "results";
  if (whole) document.querySelector("#models tbody")?.replaceChildren();
});

// A panel in which something was set stays open.
let open = [];
document.addEventListener("htmx:beforeSwap", () => {
  open = [...document.querySelectorAll("details.drop[open], #sorting[open]")].map((panel) => panel.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
});

// An answer that is still on its way when somebody goes back is no longer wanted.
addEventListener("popstate", () => htmx.trigger("#browse", "htmx:abort"));

// The browser has scrolled to where one was before the older page is there; the swap must not undo that.
let wasAt = 0;
document.addEventListener("htmx:historyCacheMissLoad", () => { wasAt = scrollY; });
document.addEventListener("htmx:historyRestore", () => scrollTo(0, wasAt));
