// One key a row of a review: j and k move, x ticks, the keys below press a button. Buttons work without this script.
const form = document.querySelector("form[data-review]");
const KEYS = { p: "publish", r: "reject", a: "alias", n: "new", e: "keep", w: "withdraw" };
const WRITES = "input:not([type=checkbox]), textarea, select";

const rows = () => [...form.querySelectorAll("tr[data-row]")];
const said = form?.querySelector(".review-said");

function move(step) {
  const listed = rows();
  const at = listed.indexOf(document.activeElement.closest("tr[data-row]"));
  const next = at < 0 ? listed[0] : listed[Math.min(Math.max(at + step, 0), listed.length - 1)];
  next?.focus();
}

async function decide(button) {
  const why = form.elements.why;
  if (!why.reportValidity()) return;
  const row = button.closest("tr[data-row]");
  const body = new FormData(form);
  body.set(button.name, button.value);
  row.setAttribute("aria-busy", "true");
  let message = "The server did not answer as expected: nothing is known to be changed.";
  let done = false;
  try {
    const answer = await fetch(location.href, { method: "POST", body, headers: { Accept: "application/json" } });
    message = (await answer.json()).said;
    done = answer.ok;
  } catch {} // the message stands
  row.removeAttribute("aria-busy");
  said.textContent = done ? `${row.querySelector("th a").textContent}: ${message}` : message;
  if (!done) return;
  const listed = rows();
  const at = listed.indexOf(row);
  (listed[at + 1] ?? listed[at - 1] ?? why).focus();
  row.remove();
  if (!rows().length) location.reload();
}

if (form && said) {
  form.querySelector(".review-keys").hidden = false;
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.closest("tr[data-row]")) return; // those that are ticked load the page anew
    event.preventDefault();
    decide(event.submitter);
  });
  document.addEventListener("keydown", (event) => {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (held || event.target.closest?.(WRITES)) {
      if (event.key !== "Enter" || event.target !== form.elements.why) return;
      event.preventDefault(); // Enter in the reason goes to the rows, it publishes nothing
      move(1);
      return;
    }
    const row = document.activeElement.closest("tr[data-row]");
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (row && event.key === "x") row.querySelector("[type=checkbox]").click();
    else if (row && KEYS[event.key]) row.querySelector(`button[name=${KEYS[event.key]}]`)?.click();
    else return;
    event.preventDefault();
  });
}
