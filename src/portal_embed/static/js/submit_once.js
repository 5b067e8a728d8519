// data-behavior="submit-once": a form that the browser is already sending is not sent again by a second click.
// The server holds the same promise with the form's operation token; this only keeps the page calm.
{
  const LONGEST_WAIT_MS = 30000;
  const release = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll('[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // htmx has taken the event for itself where it is already prevented; its own queue drops the second click.
    if (event.defaultPrevented || !form.matches('.portal [data-behavior~="submit-once"]')) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => release(form), LONGEST_WAIT_MS);
  });

  // Back from the browser's memory: the page is as it was left, so its forms are free again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll(".portal form[data-sent]").forEach(release);
  });
}
