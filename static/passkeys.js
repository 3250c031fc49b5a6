// A sentence where a browser or its user refuses a passkey.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const notice = document.getElementById("passkey-failed");
  notice.textContent =
    event.detail.exception?.name === "NotAllowedError"
      ? "The browser was given no passkey. Try again, or use another way."
      : "This browser or address takes no passkeys here. Use https or localhost, or another way.";
  notice.hidden = false;
});
