// [data-portal-choice]: questions whose answer stands below them. From a change on, what stands there is the answer to others, so
// that its button ([data-portal-confirms]) must not be pressed. It is free with the new answer; where none comes, both go.
{
  const changes = new WeakMap();
  const asked = new WeakMap();
  const buttons = (choice) => choice.closest("form").querySelectorAll("[data-portal-confirms]");
  const hold = (choice) => buttons(choice).forEach((button) => button.setAttribute("aria-disabled", "true"));
  const codeOf = (choice) => choice.querySelector("[name=promotion_code]");
  const isChoice = (element) => element?.matches?.("[data-portal-choice]");

  // The events that ask anew, see the macro `choosing`: a number does so while it is typed, all else once it is chosen.
  const changed = ({ type, target }) => {
    const choice = target.closest?.("[data-portal-choice]");
    if (!choice || !window.htmx || (type === "input") !== target.matches(".field__input--short")) return;
    changes.set(choice, (changes.get(choice) ?? 0) + 1);
    hold(choice);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("submit", (event) => {
    if (event.submitter?.getAttribute("aria-disabled") !== "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const choice = ctx.sourceElement;
    if (isChoice(choice)) asked.set(ctx, { change: changes.get(choice), code: codeOf(choice)?.value });
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const { sourceElement: choice, request: { signal } } = ctx;
    const isOvertaken = signal.aborted && signal.reason !== "timeout";
    if (!isChoice(choice) || isOvertaken) return;
    const isAnswered = ctx.status === "swapped" && ctx.response.status < 400;
    choice.toggleAttribute("data-portal-failed", !isAnswered); // shows the button that asks again
    const { change, code } = asked.get(ctx) ?? {};
    if (change !== changes.get(choice)) hold(choice); // changed again meanwhile
    const field = codeOf(choice);
    // One that is not taken is not asked about again: each time would count as a guess. A morph leaves what was typed.
    if (isAnswered && field?.matches("[aria-invalid]") && field.value === code) field.value = field.defaultValue;
    if (isAnswered) return;
    document.querySelector(choice.getAttribute("hx-target"))?.replaceChildren();
    buttons(choice).forEach((button) => button.remove());
  });
}
