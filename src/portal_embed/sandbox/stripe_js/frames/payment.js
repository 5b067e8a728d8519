// @ts-check
/**
 * Inside the Payment Element's frame: the card form, its checks, PayPal where the intent offers it, and the confirmation.
 * The number goes from here to the API of the same origin and nowhere else.
 */
import {brandOf, cvcProblem, digitsOf, expiryProblem, numberProblem, spacedExpiry, spacedNumber} from "./cards.js";
import {field, regionOf, show, themed} from "./fields.js";
import {API_BASE, serve, tell} from "./frame.js";

/** @typedef {import("./cards.js").Problem} Problem */
/** @typedef {{key: string, account: string | null, locale: string, appearance: {theme?: string, variables?: Record<string, string>}, clientSecret: string | null, path: string | null, hasAddress: boolean, element: any}} Settings */

/** Which countries are asked for a postal code, and what it is called there; as Stripe does it. */
/** @type {Record<string, string>} */
const POSTAL_CODES = {US: "ZIP code", CA: "Postal code", GB: "Postal code"};
const NETWORK_TROUBLE = {
  type: "api_connection_error",
  message: "We are experiencing issues connecting to our payments provider. Please check your internet connection and try again.",
};

const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
const country = /** @type {HTMLSelectElement} */ (document.getElementById("country"));
const types = /** @type {HTMLFieldSetElement} */ (document.getElementById("types"));
const leaves = /** @type {HTMLElement} */ (document.getElementById("leaves"));
const number = field("number"), expiry = field("expiry"), cvc = field("cvc"), postal = field("postal");

/** @type {Settings} */
let settings = {key: "", account: null, locale: "en", appearance: {}, clientSecret: null, path: null, hasAddress: false, element: {}};

/** The fields in their order, each with its check. @type {Array<[HTMLInputElement, () => Problem | null]>} */
const checks = [
  [number, () => numberProblem(number.value)],
  [expiry, () => expiryProblem(expiry.value, new Date())],
  [cvc, () => cvcProblem(cvc.value, number.value)],
  [postal, () => (postal.value.trim() || !asksPostalCode() ? null : {code: "incomplete_zip", message: "Your postal code is incomplete."})],
];

// ── What the customer does ──────────────────────────────────────────────────────────────────

number.addEventListener("input", () => {
  respace(number, spacedNumber);
  const brand = brandOf(digitsOf(number.value));
  /** @type {HTMLElement} */ (document.getElementById("brand")).textContent = brand.label;
  cvc.maxLength = brand.cvc;
});
expiry.addEventListener("input", (event) => {
  const erasing = /** @type {InputEvent} */ (event).inputType?.startsWith("delete");
  if (!erasing) respace(expiry, spacedExpiry);
});
country.addEventListener("change", showPostalCode);
types.addEventListener("change", () => { showType(); changed(); });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  tell("enter");
});
form.addEventListener("input", changed);
for (const [field, check] of checks) {
  field.addEventListener("blur", () => show(field, field.value ? check() : null));
  field.addEventListener("input", () => { if (!check()) show(field, null); });
}
window.addEventListener("focus", () => tell("focus"));
window.addEventListener("blur", () => tell("blur"));
window.addEventListener("keydown", (event) => { if (event.key === "Escape") tell("escape"); });
new ResizeObserver(() => tell("height", {height: document.documentElement.offsetHeight})).observe(document.documentElement);

// ── What the host page asks ─────────────────────────────────────────────────────────────────

serve({
  load: async (params) => {
    apply(params);
    const error = await loadError();
    tell(error ? "loaderror" : "ready", error ? {error} : {});
    if (!error) form.hidden = false;
  },
  settings: apply,
  validate,
  selected: type,
  confirm,
  focus: () => number.focus(),
  blur: () => /** @type {HTMLElement | null} */ (document.activeElement)?.blur(),
  clear: () => {
    form.reset();
    for (const [field] of checks) show(field, null);
    showType();
    changed();
  },
});

/** @param {Settings} params */
function apply(params) {
  settings = params;
  const {appearance, locale, element} = settings;
  themed(appearance);
  const address = element?.defaultValues?.billingDetails?.address ?? {};
  if (!country.dataset.chosen) {
    country.value = address.country ?? regionOf(locale);
    if (!country.value) country.value = "US";
    country.dataset.chosen = "yes";
    postal.value = address.postal_code ?? "";
  }
  number.readOnly = expiry.readOnly = cvc.readOnly = postal.readOnly = Boolean(element?.readOnly);
  showType();
}

/** An intent that cannot be read, or has ended, cannot be used; it says whether PayPal is offered. */
async function loadError() {
  if (!settings.path || !settings.clientSecret) return null;
  const intent = await request("GET", settings.path, {client_secret: settings.clientSecret});
  if (intent.error) return intent.error;
  types.hidden = intent.object !== "setup_intent" || !intent.payment_method_types.includes("paypal");
  if (intent.status !== "succeeded" && intent.status !== "canceled") return null;
  const setup = intent.object === "setup_intent";
  return {
    type: "invalid_request_error",
    code: `${intent.object}_unexpected_state`,
    message: `This ${setup ? "SetupIntent" : "PaymentIntent"} is in a terminal state and cannot be used to initialize Elements.`,
    [intent.object]: intent,
  };
}

/** Shows every problem; the first one is the answer, with the focus on its field. */
function validate() {
  if (type() !== "card") return null;
  /** @type {(Problem & {type: string}) | null} */
  let first = null;
  for (const [field, check] of checks) {
    const problem = check();
    show(field, problem);
    if (problem && !first) {
      first = {type: "validation_error", ...problem};
      field.focus();
    }
  }
  return first;
}

/** @param {{path: string, clientSecret: string, confirmParams: any}} params */
async function confirm({path, clientSecret, confirmParams}) {
  const problem = validate();
  if (problem) return {error: problem};
  const digits = digitsOf(expiry.value);
  const given = confirmParams.payment_method_data ?? {};
  const details = given.billing_details ?? {};
  // Where an Address Element asks for the billing address, this form does not.
  const asked = settings.hasAddress || type() !== "card" ? {} : {country: country.value, postal_code: asksPostalCode() ? postal.value.trim() : null};
  return request("POST", path, {
    client_secret: clientSecret,
    use_stripe_sdk: true,
    return_url: confirmParams.return_url,
    payment_method_data: {
      type: type(),
      card: type() === "card" ? {
        number: digitsOf(number.value),
        exp_month: Number(digits.slice(0, 2)),
        exp_year: 2000 + Number(digits.slice(2)),
        cvc: digitsOf(cvc.value),
      } : null,
      allow_redisplay: given.allow_redisplay,
      metadata: given.metadata,
      billing_details: {...details, address: {...details.address, ...asked}},
    },
  });
}

// ── Helpers ─────────────────────────────────────────────────────────────────────────────────

/** Rewrites what was typed, keeping the caret behind the same digit. @param {HTMLInputElement} field @param {(text: string) => string} spaced */
function respace(field, spaced) {
  const atEnd = field.selectionStart === field.value.length;
  const before = digitsOf(field.value.slice(0, field.selectionStart ?? 0)).length;
  const value = spaced(field.value);
  if (value === field.value) return;
  field.value = value;
  let caret = atEnd ? value.length : 0;
  while (caret < value.length && digitsOf(value.slice(0, caret)).length < before) caret += 1;
  field.setSelectionRange(caret, caret);
}

/** Which type is chosen: "card" where there is no choice. */
function type() {
  return types.hidden ? "card" : String(new FormData(form).get("type"));
}

function showType() {
  for (const box of form.querySelectorAll(".field")) /** @type {HTMLElement} */ (box).hidden = type() !== "card";
  leaves.hidden = type() === "card";
  if (type() === "card") showPostalCode();
}

function asksPostalCode() {
  return country.value in POSTAL_CODES && !settings.hasAddress;
}

function showPostalCode() {
  const label = POSTAL_CODES[country.value];
  const box = /** @type {HTMLElement} */ (postal.closest(".field"));
  box.hidden = !asksPostalCode();
  /** @type {HTMLElement} */ (country.closest(".field")).hidden = settings.hasAddress;
  /** @type {HTMLElement} */ (box.querySelector("label")).textContent = label ?? "";
  show(postal, null);
}

function changed() {
  const isCard = type() === "card";
  const empty = isCard && checks.every(([field]) => !field.value);
  const complete = !isCard || checks.every(([, check]) => !check());
  tell("change", {empty, complete, collapsed: false, value: {type: type()}});
}

/** @param {"GET" | "POST"} method @param {string} path @param {object} params @returns {Promise<any>} */
async function request(method, path, params) {
  const body = new URLSearchParams(pairs(params));
  const headers = {
    Authorization: `Bearer ${settings.key}`,
    "Stripe-Version": "2026-10-28.endive",
    ...(settings.account && {"Stripe-Account": settings.account}),
  };
  try {
    const answer = method === "GET" ? await fetch(`${API_BASE}${path}?${body}`, {headers}) : await fetch(`${API_BASE}${path}`, {method, headers, body});
    return await answer.json();
  } catch {
    return {error: NETWORK_TROUBLE};
  }
}

/** Stripe's form encoding, `a[b]=c`; leaves out what is unset. @param {object} params @param {string} prefix @returns {string[][]} */
function pairs(params, prefix = "") {
  return Object.entries(params).flatMap(([key, value]) => {
    const name = prefix ? `${prefix}[${key}]` : key;
    if (value === undefined || value === null || value === "") return [];
    return typeof value === "object" ? pairs(value, name) : [[name, String(value)]];
  });
}
