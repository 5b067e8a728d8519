// @ts-check
/** What all parts of the stand-in share: types, the API, client secrets, and how an intent ends. */

/** @typedef {import("@stripe/stripe-js").StripeError} StripeError */
/** @typedef {import("@stripe/stripe-js").SetupIntent} SetupIntent */
/** @typedef {import("@stripe/stripe-js").PaymentIntent} PaymentIntent */
/** @typedef {import("@stripe/stripe-js").SetupIntentResult} SetupIntentResult */
/** @typedef {import("@stripe/stripe-js").PaymentIntentResult} PaymentIntentResult */
/** @typedef {import("@stripe/stripe-js").StripeElementsOptionsClientSecret} IntentFirst */
/** @typedef {import("@stripe/stripe-js").StripeElementsOptionsMode} Deferred */
/** @typedef {import("@stripe/stripe-js").StripeElementsUpdateOptions} ElementsUpdate */
/** @typedef {import("@stripe/stripe-js").StripePaymentElementOptions} PaymentElementOptions */
/** @typedef {import("@stripe/stripe-js").StripeAddressElementOptions} AddressElementOptions */
/** @typedef {Pick<import("@stripe/stripe-js").StripeAddressElementChangeEvent, "complete" | "isNewAddress" | "value">} AddressValue */
/** @typedef {import("@stripe/stripe-js").ConfirmSetupData} ConfirmSetupData */
/** @typedef {import("@stripe/stripe-js").ConfirmPaymentData} ConfirmPaymentData */
/** @typedef {{key: string, account: string | null, locale: string}} Context what every request is made with */
/** @typedef {{error: StripeError}} Failed */
/** @typedef {"setup" | "payment"} Kind which of the two intents is meant */
/** @typedef {{submit(): Promise<object>}} AnyElements our Elements, or the official type of it */
/** @typedef {{elements?: AnyElements, clientSecret?: string, confirmParams?: Partial<ConfirmSetupData & ConfirmPaymentData>, redirect?: "always" | "if_required"}} ConfirmOptions */

const script = document.currentScript;
if (!(script instanceof HTMLScriptElement)) throw new Error("Load the sandbox's Stripe.js with a <script src>.");
const API_BASE = script.src.replace(/\/stripe\.js(\?.*)?$/, "");
const API_ORIGIN = new URL(API_BASE).origin;
const API_VERSION = "2026-10-28.endive";
const DONE = ["succeeded", "processing", "requires_capture"];

class IntegrationError extends Error {
  /** A mistake in the page's code, not in what the customer did. @param {string} message */
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

/**
 * Brings a confirmed intent to its end: shows the dialog if asked for, turns a refusal into an error.
 * @param {Context} context
 * @param {Kind} kind
 * @param {string} clientSecret
 * @param {SetupIntent | PaymentIntent} intent
 * @returns {Promise<SetupIntent | PaymentIntent | Failed>}
 */
async function settle(context, kind, clientSecret, intent) {
  if (intent.status !== "requires_action") return verdict(kind, intent);
  const redirect = intent.next_action?.redirect_to_url?.url;
  if (redirect) return leave(redirect);
  await authenticate(context, clientSecret);
  const settled = await retrieve(context, kind, clientSecret);
  return isFailed(settled) ? settled : verdict(kind, settled);
}

/** @param {Kind} kind @param {SetupIntent | PaymentIntent} intent @returns {SetupIntent | PaymentIntent | Failed} */
function verdict(kind, intent) {
  if (DONE.includes(intent.status)) return intent;
  const last = "last_setup_error" in intent ? intent.last_setup_error : "last_payment_error" in intent ? intent.last_payment_error : null;
  const unauthenticated = `${kind}_intent_authentication_failure`;
  const error = {.../** @type {StripeError} */ (last ?? {type: "invalid_request_error", code: unauthenticated})};
  if (error.code === unauthenticated) {
    error.message = "We are unable to authenticate your payment method. Please choose a different payment method and try again.";
  }
  return {error: {...error, [`${kind}_intent`]: intent}};
}

/** @param {Context} context @param {Kind} kind @param {string} clientSecret @returns {Promise<SetupIntent | PaymentIntent | Failed>} */
function retrieve(context, kind, clientSecret) {
  return request(context, "GET", pathOf(kind, clientSecret), {client_secret: clientSecret});
}

/** @param {Kind} kind @param {SetupIntent | PaymentIntent} intent @param {string} returnUrl */
function returnAddress(kind, intent, returnUrl) {
  const address = new URL(returnUrl);
  address.searchParams.set(`${kind}_intent`, intent.id);
  address.searchParams.set(`${kind}_intent_client_secret`, intent.client_secret ?? "");
  address.searchParams.set("redirect_status", intent.status === "succeeded" ? "succeeded" : "pending");
  return address.href;
}

/** Leaves the page for good, the top one as Stripe does; never resolves. @param {string} address @returns {Promise<never>} */
function leave(address) {
  (window.top ?? window).location.href = address;
  return new Promise(() => {});
}

/** @param {Context} context @param {"GET" | "POST"} method @param {string} path @param {Record<string, string>} params */
async function request(context, method, path, params) {
  const form = new URLSearchParams(params);
  const headers = {
    Authorization: `Bearer ${context.key}`,
    "Stripe-Version": API_VERSION,
    ...(context.account && {"Stripe-Account": context.account}),
  };
  try {
    const answer = method === "GET"
      ? await fetch(`${API_BASE}${path}?${form}`, {headers})
      : await fetch(`${API_BASE}${path}`, {method, headers, body: form});
    return await answer.json();
  } catch {
    return {error: {type: "api_connection_error", message: "We are experiencing issues connecting to our payments provider. Please check your internet connection and try again."}};
  }
}

/** @param {Kind} kind */
function intentName(kind) {
  return kind === "setup" ? "SetupIntent" : "PaymentIntent";
}

/** @param {Kind} kind @param {string} clientSecret */
function pathOf(kind, clientSecret) {
  return `/v1/${kind}_intents/${clientSecret.split("_secret_")[0]}`;
}

/** @param {unknown} value @param {string} method @returns {Kind} */
function kindOf(value, method) {
  if (typeof value === "string" && /^seti_\w+_secret_\w+$/.test(value)) return "setup";
  if (typeof value === "string" && /^pi_\w+_secret_\w+$/.test(value)) return "payment";
  throw new IntegrationError(`Invalid value for stripe.${method}(): clientSecret should be a client secret of the form \${id}_secret_\${secret}. You specified: ${value}.`);
}

/** @param {Kind} kind @param {unknown} value @param {string} method @returns {asserts value is string} */
function requireSecret(kind, value, method) {
  if (value === undefined || value === null || value === "") throw new IntegrationError(`Missing value for stripe.${method}(): a client secret of a ${intentName(kind)} is required.`);
  if (kindOf(value, method) !== kind) throw new IntegrationError(`Invalid value for stripe.${method}(): the client secret should belong to a ${intentName(kind)}.`);
}

/** @param {object} outcome @returns {outcome is Failed} */
function isFailed(outcome) {
  return "error" in outcome && Boolean(outcome.error);
}
