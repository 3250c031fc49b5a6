// Loaded before the page is drawn: no column shows first that was put away. An address that names its
// columns, as those without scripts do, is shown as it says. Each table's choice is kept under its own name.
{
  const page = document.documentElement;
  const name = document.currentScript.dataset.keep;
  const asked = () => new URLSearchParams(location.search).has("columns");
  const kept = () => {
    try {
      return localStorage.getItem(name) || "";
    } catch {
      return page.dataset.hides || ""; // a browser that keeps nothing
    }
  };
  const boxes = () => [...document.querySelectorAll("#columns input[type=checkbox]")];

  const show = () => {
    if (asked()) return delete page.dataset.hides;
    const hides = kept().split(" ");
    page.dataset.hides = kept();
    for (const box of boxes()) box.checked = !hides.includes(box.value);
  };

  document.addEventListener("change", (event) => {
    if (!event.target.closest("#columns")) return;
    if (asked()) return event.target.form.requestSubmit(); // htmx sends it
    const hides = boxes().filter((box) => !box.checked).map((box) => box.value).join(" ");
    page.dataset.hides = hides;
    try {
      localStorage.setItem(name, hides);
    } catch {} // then it lasts as long as the page
  });
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("htmx:load", show);
  show();
}

// A panel in which something was set stays open when what it stands in is swapped, and the keyboard in it.
{
  let open = [];
  let held = "";
  document.addEventListener("htmx:beforeSwap", () => {
    open = [...document.querySelectorAll("details.drop[open], #sorting[open]")].map((panel) => panel.id);
    held = document.activeElement.closest("details.drop") ? document.activeElement.id : "";
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (held && document.activeElement === document.body) document.getElementById(held)?.focus();
  });
}

// A panel closes as menus do. Enter in a field of its form clicks the form's button, which is no click elsewhere.
document.addEventListener("click", (event) => {
  for (const panel of document.querySelectorAll("details.drop[open]")) {
    if (event.detail && event.target.isConnected && !panel.contains(event.target)) panel.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const panel = event.key === "Escape" && event.target.closest("details.drop[open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});
