// Shows the preview of a form's texts below its button. Without this script the button opens it in a new tab.
for (const button of document.querySelectorAll("button[data-preview]")) {
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const place = document.getElementById(button.dataset.preview);
    button.disabled = true;
    try {
      const answer = await fetch(button.formAction, { method: "POST", body: new FormData(button.form) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const shown = page.querySelector(".texts-preview");
      if (!answer.ok || !shown) throw new Error(answer.status);
      place.replaceChildren(...shown.childNodes);
    } catch {
      place.textContent = "There is no preview: the server did not answer as expected.";
    } finally {
      button.disabled = false;
    }
  });
}
