// @ts-check
/** What the forms in the frames share: their fields, the errors beside them, and how they look. */

/** @param {string} id @returns {HTMLInputElement} */
export function field(id) {
  const found = document.getElementById(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`The form lacks the field ${id}.`);
  return found;
}

/** Shows a problem beside its field, or takes it away. @param {HTMLInputElement} field @param {{message: string} | null} problem */
export function show(field, problem) {
  const text = /** @type {HTMLElement} */ (document.getElementById(`${field.id}-error`));
  text.textContent = problem?.message ?? "";
  if (problem) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** Looks as the host page asks. @param {{theme?: string, variables?: Record<string, string>}} appearance */
export function themed(appearance) {
  const root = document.documentElement;
  root.dataset.theme = appearance.theme ?? "stripe";
  root.removeAttribute("style");
  for (const [name, value] of Object.entries(appearance.variables ?? {})) root.style.setProperty(`--${name}`, String(value));
}

/** `GB` of `en-GB`; of the browser's language for "auto" or a bare language. @param {string} locale */
export function regionOf(locale) {
  try {
    return new Intl.Locale(locale).region ?? new Intl.Locale(navigator.language).region ?? "US";
  } catch {
    return "US";
  }
}
