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
// A part of a page that moves: the server sends it again, and what is typed or focused in it stays where it was.
document.querySelectorAll("[data-live]").forEach((part) => {
  const tell = (isLive) => {
    document.querySelectorAll("[data-is-live]").forEach((each) => { each.hidden = !isLive; });
    document.querySelectorAll("[data-not-live]").forEach((each) => { each.hidden = isLive; });
  };
  const events = new EventSource(part.dataset.live);
  events.onopen = () => tell(true);
  events.onerror = () => tell(events.readyState !== EventSource.CLOSED);
  events.onmessage = (event) => {
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.innerHTML = event.data;
    if (focused) document.getElementById(focused)?.focus();
  };
});
