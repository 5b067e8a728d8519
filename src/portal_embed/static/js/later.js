// [data-portal-later]: a part that would keep the page waiting, fetched once the page is there. Where our own htmx runs it does that
// by itself; this is for pages inside a host's layout. Without it the link that stands there leads to the same words.
if (!document.documentElement.matches(".portal")) {
  for (const place of document.querySelectorAll(".portal [data-portal-later]")) {
    fetch(place.dataset.portalLater, { headers: { "HX-Request": "true", "HX-Request-Type": "partial" } })
      .then(async (answer) => {
        const part = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
        if (part) place.replaceWith(part);
      })
      .catch(() => {});
  }
}
