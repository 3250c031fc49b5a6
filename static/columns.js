// Loaded before the page is drawn: no column shows first that was put away. An address that names its
// columns, as those without scripts do, is shown as it says.
{
  const page = document.documentElement;
  const asked = () => new URLSearchParams(location.search).has("columns");
  const kept = () => {
    try {
      return localStorage.getItem("hides") || "";
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
    if (asked()) return event.target.form.requestSubmit();
    const hides = boxes().filter((box) => !box.checked).map((box) => box.value).join(" ");
    page.dataset.hides = hides;
    try {
      localStorage.setItem("hides", hides);
    } catch {} // then it lasts as long as the page
  });
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("htmx:load", show);
  show();
}
