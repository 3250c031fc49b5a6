// Sends the playground's form and appends what comes, as text. The form works without it.
const LINES = "application/x-ndjson";
let controller = null;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches?.("form[data-streams]")) return;
  event.preventDefault();
  controller?.abort();
  controller = new AbortController();
  const answers = document.getElementById("answers");
  answers.replaceChildren();
  const columns = [];
  running(form, answers, true);
  try {
    const response = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { Accept: LINES }, signal: controller.signal,
    });
    if (!response.ok || !response.headers.get("Content-Type").startsWith(LINES)) {
      swap(form, answers, new DOMParser().parseFromString(await response.text(), "text/html"));
      return;
    }
    for await (const line of lines(response.body)) receive(answers, columns, JSON.parse(line));
  } catch (error) {
    const note = document.createElement("p");
    note.className = "notice";
    note.textContent = error.name === "AbortError"
      ? "Stopped. What had come is charged; your account lists it."
      : "The connection was lost. What had come is charged; your account lists it.";
    answers.append(note);
  } finally {
    running(form, answers, false);
    // What is left is shown anew, once a call that was stopped is settled too.
    setTimeout(() => form.dispatchEvent(new Event("change")), controller.signal.aborted ? 1000 : 0);
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-stop]")) controller?.abort();
  const provider = document.querySelector('#playground-form [name="p"]');
  if (provider && event.target.closest?.("[data-again]")) {
    // The form still has the prompt, which the link has not.
    event.preventDefault();
    provider.focus();
  }
});
// The most that calls can cost counts an image without sending it.
document.addEventListener("change", (event) => {
  if (event.target.id !== "pg-image") return;
  event.target.form.querySelector("[data-has-image]").disabled = !event.target.files.length;
}, { capture: true });
window.addEventListener("pagehide", () => controller?.abort());

function running(form, answers, is) {
  answers.setAttribute("aria-busy", is);
  const stop = form.querySelector("[data-stop]");
  if (stop) stop.hidden = !is;
}

// An answer that is no stream is the page again, with what is wrong.
function swap(form, answers, page) {
  const fresh = page.getElementById("playground-form");
  const notice = page.querySelector("main .notice[role=alert]");
  if (fresh) { form.replaceWith(fresh); window.htmx?.process(fresh); }
  if (notice) answers.replaceChildren(notice);
  if (!fresh && !notice) answers.textContent = "This was not sent: load the page again, and sign in.";
  document.querySelector("#playground-form [aria-invalid]")?.focus();
}

function column(answers, name) {
  const section = document.createElement("section");
  section.className = "answer";
  const title = document.createElement("h3");
  title.textContent = name;
  const thoughts = document.createElement("details");
  thoughts.hidden = true;
  const summary = document.createElement("summary");
  summary.textContent = "Reasoning";
  const thought = document.createElement("div");
  thought.className = "text";
  thoughts.append(summary, thought);
  const text = document.createElement("div");
  text.className = "text";
  section.append(title, thoughts, text);
  answers.append(section);
  return { section, title, thoughts, thought, text };
}

function receive(answers, columns, line) {
  if (line.name !== undefined) {
    columns[line.i] = column(answers, line.name);
    return;
  }
  const at = columns[line.i];
  if (line.html === undefined) {
    if (line.kind === "reasoning") at.thoughts.hidden = false;
    (line.kind === "reasoning" ? at.thought : at.text).append(line.text);
    return;
  }
  // Rendered and sanitized by the server, once, when the answer is whole.
  const result = new DOMParser().parseFromString(line.html, "text/html").body;
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy button";
  copy.dataset.copy = at.text.textContent;
  copy.textContent = "Copy";
  at.title.append(" ", copy);
  if (result.querySelector(".whole")) at.text.hidden = true;
  at.section.append(...result.childNodes);
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) yield part;
  }
}
