// @ts-check
/** Inside the Address Element's frame: the form, its checks, and the address that the host page asks for. */
import {serve, tell} from "./frame.js";
import {field, regionOf, show, themed} from "./fields.js";

/** @typedef {import("@stripe/stripe-js").StripeAddressElementOptions} Options */
/** @typedef {{locale: string, appearance: {theme?: string, variables?: Record<string, string>}, element: Options}} Settings */
/** @typedef {{code: string, message: string}} Problem */

const STATES = new Set(["AU", "BR", "CA", "IN", "MX", "US"]);
const POSTAL_CODES = new Set(["AT", "AU", "CA", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "JP", "NL", "NO", "PL", "SE", "US"]);

const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
const country = /** @type {HTMLSelectElement} */ (document.getElementById("country"));
const everyCountry = [...country.options];
const name = field("name"), first = field("first"), last = field("last"), phone = field("phone");
const line1 = field("line1"), line2 = field("line2"), city = field("city"), state = field("state"), postal = field("postal");

/** @type {Options} */
let options = {mode: "billing"};
let filled = false;

/** The fields that may be wrong, each with what it is called when it is not filled in. @type {Array<[HTMLInputElement, string, () => boolean]>} */
const wanted = [
  [name, "name", () => !isSplit()],
  [first, "first name", isSplit],
  [last, "last name", isSplit],
  [line1, "address", () => true],
  [city, "city", () => true],
  [state, "state", () => STATES.has(country.value)],
  [postal, "postal code", () => POSTAL_CODES.has(country.value)],
  [phone, "phone number", () => options.fields?.phone === "always" && options.validation?.phone?.required !== "never"],
];

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tell("enter");
});
form.addEventListener("input", changed);
country.addEventListener("change", () => { relabel(); changed(); });
for (const [one, , isWanted] of wanted) one.addEventListener("input", () => { if (!problemOf(one, isWanted, "")) show(one, null); });
window.addEventListener("focus", () => tell("focus"));
window.addEventListener("blur", () => tell("blur"));
window.addEventListener("keydown", (event) => { if (event.key === "Escape") tell("escape"); });
new ResizeObserver(() => tell("height", {height: document.documentElement.offsetHeight})).observe(document.documentElement);

serve({
  load: (params) => {
    apply(params);
    form.hidden = false;
    tell("ready");
    if (value().address.line1) changed();
  },
  settings: apply,
  validate,
  value: () => { validate(); return told(); },
  focus: () => (isSplit() ? first : name).focus(),
  blur: () => /** @type {HTMLElement | null} */ (document.activeElement)?.blur(),
  clear: () => {
    form.reset();
    for (const [one] of wanted) show(one, null);
    changed();
  },
});

/** @param {Settings} params */
function apply(params) {
  options = params.element;
  themed(params.appearance);
  const allowed = options.allowedCountries;
  const chosen = country.value;
  country.replaceChildren(...everyCountry.filter((one) => !allowed?.length || allowed.includes(one.value)));
  country.value = filled ? chosen : options.defaultValues?.address?.country ?? regionOf(params.locale);
  if (country.selectedIndex < 0) country.selectedIndex = 0;
  if (!filled) fill();
  relabel();
}

function fill() {
  filled = true;
  const {address, ...who} = options.defaultValues ?? {};
  name.value = who.name ?? "";
  first.value = who.firstName ?? "";
  last.value = who.lastName ?? "";
  phone.value = who.phone ?? "";
  line1.value = address?.line1 ?? "";
  line2.value = address?.line2 ?? "";
  city.value = address?.city ?? "";
  state.value = address?.state ?? "";
  postal.value = address?.postal_code ?? "";
}

function relabel() {
  label(name, options.display?.name === "organization" ? "Organization name" : "Full name", !isSplit());
  label(first, "First name", isSplit());
  label(last, "Last name", isSplit());
  label(state, country.value === "US" ? "State" : "State or province", true);
  label(postal, country.value === "US" ? "ZIP code" : "Postal code", true);
  label(phone, "Phone number", options.fields?.phone === "always");
}

/** @param {HTMLInputElement} one @param {string} text @param {boolean} shown */
function label(one, text, shown) {
  const box = /** @type {HTMLElement} */ (one.closest(".field"));
  box.hidden = !shown;
  /** @type {HTMLElement} */ (box.querySelector("label")).textContent = text;
}

function isSplit() {
  return options.display?.name === "split";
}

/** @param {HTMLInputElement} one @param {() => boolean} isWanted @param {string} called @returns {Problem | null} */
function problemOf(one, isWanted, called) {
  if (!isWanted() || one.value.trim()) return null;
  return {code: `incomplete_${one.id}`, message: `Your ${called} is incomplete.`};
}

/** Shows every problem; the first one is the answer, with the focus on its field. */
function validate() {
  /** @type {(Problem & {type: string}) | null} */
  let first = null;
  for (const [one, called, isWanted] of wanted) {
    const problem = problemOf(one, isWanted, called);
    show(one, problem);
    if (problem && !first) {
      first = {type: "validation_error", ...problem};
      one.focus();
    }
  }
  return first;
}

function value() {
  const text = (/** @type {HTMLInputElement} */ one) => one.value.trim();
  return {
    name: isSplit() ? `${text(first)} ${text(last)}`.trim() : text(name),
    ...(isSplit() && {firstName: text(first), lastName: text(last)}),
    address: {
      line1: text(line1), line2: text(line2) || null, city: text(city), state: text(state), postal_code: text(postal),
      country: country.value,
    },
    ...(options.fields?.phone === "always" && {phone: text(phone)}),
  };
}

function told() {
  const complete = wanted.every(([one, called, isWanted]) => !problemOf(one, isWanted, called));
  return {complete, isNewAddress: true, value: value()};
}

function changed() {
  const empty = wanted.every(([one]) => !one.value);
  tell("change", {elementMode: options.mode, empty, ...told()});
}
