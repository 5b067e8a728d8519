// After a page arrives without a full load, the reader stands at its heading, or at what it came to say.
{
  const stand = (element, preventScroll) => {
    if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
    element.focus({ preventScroll });
  };
  const urgent = () => document.querySelector('.portal [data-portal-focus="now"]');

  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx?.target?.id === "portal-page") {
      const isHistory = "HX-History-Restore-Request" in (ctx.request?.headers ?? {});
      const place = urgent() ?? document.querySelector("#portal-main h1");
      if (!isHistory) scrollTo(0, 0);
      if (place) stand(place, isHistory || place.tagName === "H1");
      return;
    }
    // A part that changed by itself leaves the reader where they are and is told instead.
    const part = ctx?.target?.id && document.getElementById(ctx.target.id);
    const told = part?.matches("[data-portal-announce]") ? part : part?.querySelector("[data-portal-announce]");
    const message = told?.dataset.portalAnnounce;
    if (message) document.dispatchEvent(new CustomEvent("portal:announce", { detail: { message } }));
  });

  const arrive = () => { const place = urgent(); if (place) stand(place, false); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", arrive);
  else arrive();
}
