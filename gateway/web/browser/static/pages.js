// What pages do better with a script, and do without one too: nothing here is needed to read or to act.
document.querySelectorAll("[data-copy]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.setAttribute("aria-pressed", "true");
  });
});
document.querySelectorAll("[data-ask]").forEach((button) => {
  button.addEventListener("click", (event) => {
    if (!window.confirm(button.dataset.ask)) event.preventDefault();
  });
});
