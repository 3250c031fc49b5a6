// Loaded before the page is drawn: no page shows in the wrong theme first, nor a switch that cannot work.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {} // a browser that keeps nothing follows the system
document.documentElement.dataset.scripts = "";
