// What htmx would leave unsaid: no connection, no answer in time, and error pages.
{
  const warn = (kind) => {
    const message = document.getElementById("portal-alert")?.dataset[kind];
    document.dispatchEvent(new CustomEvent("portal:announce", { detail: { message, urgent: true } }));
  };
  const reads = (ctx) => ctx.request.method === "GET";
  // A part that loads by itself keeps its link to the same words, so nothing needs to be said.
  const isLazy = (ctx) => ctx.sourceEvent?.type === "load";

  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (ctx?.request && !isLazy(ctx)) warn(reads(ctx) ? "readFailed" : "writeFailed");
  });

  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    if (ctx.response.headers.has("HX-Redirect")) return;
    const status = ctx.response.status;
    if (ctx.sourceElement?.hasAttribute?.(`hx-status:${status}`) || isLazy(ctx)) return;
    if (reads(ctx) && ctx.request.headers["HX-Boosted"]) {
      const go = new CustomEvent("portal:leave", { cancelable: true, detail: ctx.request.action });
      if (document.dispatchEvent(go)) location.assign(ctx.request.action);
      return;
    }
    if (ctx.text.includes("<hx-partial")) return;
    if (ctx.text.includes('id="portal-page"')) {
      // One of our own problem pages: shown whole. Anything else (a proxy's page) is never put into ours.
      ctx.status = "answered";
      ctx.push = "false";
      window.htmx.swap(ctx);
      return;
    }
    warn(reads(ctx) ? "readFailed" : "writeFailed");
  });
}
