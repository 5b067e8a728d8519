// While htmx waits for an answer, what will change and what was pressed say so with aria-busy.
{
  const waiting = new WeakMap();
  const count = (element, step) => {
    if (!(element instanceof Element)) return;
    const left = (waiting.get(element) ?? 0) + step;
    waiting.set(element, left);
    if (left > 0) element.setAttribute("aria-busy", "true");
    else element.removeAttribute("aria-busy");
  };
  const touched = new WeakMap();

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const pressed = ctx.sourceEvent?.submitter ?? (ctx.sourceElement?.matches?.("a") ? ctx.sourceElement : null);
    const elements = [ctx.target, pressed];
    touched.set(ctx, elements);
    elements.forEach((element) => count(element, 1));
    if (ctx.sourceEvent?.type !== "load") document.getElementById("portal-alert")?.replaceChildren();
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    (touched.get(ctx) ?? []).forEach((element) => count(element, -1));
    touched.delete(ctx);
  });
}
