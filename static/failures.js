// What was asked for and does not come says so, in a line at the foot of the window: nothing moves for it.
const line = document.createElement("p");
line.className = "failed";
line.setAttribute("role", "alert");
document.body.append(line);

let saying;
function say(text) {
  clearTimeout(saying);
  line.textContent = "";
  // It is read again only when its text is another one.
  if (text) saying = setTimeout(() => { line.textContent = text; }, 50);
}

// A choice that led to nothing is taken back, so that to make it again is a change: the form came with what the
// page shows, and says what it said then.
function takeBack({ elt, target }) {
  if (!elt?.matches("form") || !target?.contains(elt)) return;
  for (const option of elt.querySelectorAll("option")) option.selected = option.defaultSelected;
  for (const box of elt.querySelectorAll("input[type=checkbox]")) box.checked = box.defaultChecked;
}

// The sentence of a 503, which comes as a part of a page.
function reason(xhr) {
  if (xhr?.status !== 503 || xhr.responseText.length > 1000) return "";
  return new DOMParser().parseFromString(xhr.responseText, "text/html").body.textContent.trim();
}

function fail({ detail }) {
  if (detail?.requestConfig && !detail.requestConfig.triggeringEvent) return; // what asks by itself asks again
  if (detail) takeBack(detail);
  say(reason(detail?.xhr) || "That did not load. Please try again.");
}

for (const failure of ["responseError", "sendError", "timeout", "historyCacheMissLoadError"]) {
  document.addEventListener(`htmx:${failure}`, fail);
}
// Nothing else tells of a step back that reaches nobody.
document.addEventListener("htmx:historyCacheMiss", ({ detail }) => detail.xhr.addEventListener("error", fail));

document.addEventListener("htmx:afterRequest", ({ detail }) => { if (detail.successful) say(""); });
document.addEventListener("htmx:historyRestore", () => say(""));

// That a later question takes the place of an earlier one is no error, which the console would have it be.
htmx.logger = (_element, name, detail) => {
  if (["htmx:afterRequest", "htmx:sendAbort"].includes(name)) delete detail.error;
};
