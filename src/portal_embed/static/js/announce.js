// Says a short message: quietly in #portal-status, or urgently and visibly in #portal-alert.
// Anyone may ask: dispatch "portal:announce" with {message, urgent}. Also the name for an HX-Trigger header.
{
  const say = (id, message) => {
    const region = document.getElementById(id);
    if (!region || !message) return;
    region.textContent = "";
    // An emptied region must be seen empty first, or the same words twice are heard once.
    setTimeout(() => { region.textContent = message; }, 50);
  };
  document.addEventListener("portal:announce", ({ detail }) => say(detail.urgent ? "portal-alert" : "portal-status", detail.message));

  // Where JavaScript refreshes a part by itself, the button that does it without is put away.
  if (window.htmx) document.documentElement.dataset.portalScripts = "on";
}
