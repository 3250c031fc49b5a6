// The theme's switch. The system decides until it is used, and again once the choice agrees with it.
const page = document.documentElement;
const button = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (page.dataset.theme ? page.dataset.theme === "dark" : system.matches);

function show(theme) {
  if (theme === "dark" || theme === "light") page.dataset.theme = theme;
  else delete page.dataset.theme;
  button.setAttribute("aria-pressed", isDark());
}

function keep(theme) {
  try {
    if (theme) localStorage.setItem("theme", theme);
    else localStorage.removeItem("theme");
  } catch {} // then it lasts as long as the page
}

button.addEventListener("click", () => {
  const dark = !isDark();
  const theme = dark === system.matches ? "" : dark ? "dark" : "light";
  keep(theme);
  show(theme);
});
system.addEventListener("change", () => show(page.dataset.theme));
addEventListener("storage", (event) => event.key === "theme" && show(event.newValue));
show(page.dataset.theme);
