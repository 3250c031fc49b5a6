// "/" goes to the search, except where somebody is writing. Every other key stays the browser's.
document.addEventListener("keydown", (event) => {
  const search = document.getElementById("q");
  const writes = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes || !search) return;
  event.preventDefault();
  search.focus();
  search.select();
});
