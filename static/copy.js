// Copies what a button's data-copy holds, and says so. Buttons that come with a later swap work too.
const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");
document.body.append(said);

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const copied = await copy(button.dataset.copy);
  said.textContent = "";
  // A live region is read again only when its text is another one.
  setTimeout(() => { said.textContent = copied ? "Copied" : "Not copied: the browser does not allow it"; }, 50);
  if (!copied) return;
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1500);
});

// Browsers give the clipboard to pages over https and on this machine alone; elsewhere a selection does it.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text);
  }
}

function copySelection(text) {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  before?.focus();
  return copied;
}
