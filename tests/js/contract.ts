/**
 * Compiled, never run: proves that the sandbox's Stripe.js keeps to the official types of
 * @stripe/stripe-js for the part it does, and that calls as a page writes them compile for both.
 */
import type {
  Stripe as OfficialStripe,
  StripeAddressElement,
  StripeAddressElementOptions,
  StripeElements,
  StripeElementsOptionsClientSecret,
  StripeElementsOptionsMode,
  StripePaymentElement,
  StripePaymentElementOptions,
} from "@stripe/stripe-js";

const ours = Stripe("pk_test_123", {stripeAccount: "acct_123", locale: "en"});

// Every method the sandbox has, with all its official overloads.
const methods: Pick<
  OfficialStripe,
  "confirmSetup" | "confirmPayment" | "handleNextAction" | "retrieveSetupIntent" | "retrievePaymentIntent"
> = ours;

// Elements: the group's methods, and "payment" and "address" of the many types `create` knows.
const group: Pick<StripeElements, "submit" | "update" | "fetchUpdates" | "on"> = ours.elements();
const create: (type: "payment", options?: StripePaymentElementOptions) => StripePaymentElement = (type, options) =>
  ours.elements().create(type, options);
const createAddress: (type: "address", options: StripeAddressElementOptions) => StripeAddressElement = (type, options) =>
  ours.elements().create(type, options);
const getAddress: (type: "address") => StripeAddressElement | null = (type) => ours.elements().getElement(type);
const getElement: (type: "payment") => StripePaymentElement | null = (type) => ours.elements().getElement(type);
const intentFirst: (options?: StripeElementsOptionsClientSecret) => unknown = (options) => ours.elements(options);
const deferred: (options?: StripeElementsOptionsMode) => unknown = (options) => ours.elements(options);

/** A page's code, written once and compiled against a factory of either make. */
async function saveACard(stripe: OfficialStripe): Promise<string | undefined> {
  const elements = stripe.elements({
    clientSecret: "seti_1_secret_2",
    locale: "en",
    appearance: {theme: "night", variables: {colorPrimary: "#0570de", fontSizeBase: "16px", spacingUnit: "4px"}},
  });
  const element = elements.create("payment", {layout: "tabs", defaultValues: {billingDetails: {address: {country: "US"}}}});
  element.on("ready", (event) => event.elementType);
  element.on("change", (event) => event.complete && !event.empty && event.value.type === "card");
  element.on("loaderror", (event) => event.error.message);
  element.mount("#payment-element");
  const submitted = await elements.submit();
  if (submitted.error) return submitted.error.message;
  const {setupIntent, error} = await stripe.confirmSetup({
    elements,
    confirmParams: {return_url: "https://example.com/return"},
    redirect: "if_required",
  });
  element.destroy();
  return error ? error.decline_code ?? error.message : setupIntent.id;
}

async function saveACardWithOurs(stripe: typeof ours): Promise<string | undefined> {
  const elements = stripe.elements({
    clientSecret: "seti_1_secret_2",
    locale: "en",
    appearance: {theme: "night", variables: {colorPrimary: "#0570de", fontSizeBase: "16px", spacingUnit: "4px"}},
  });
  const element = elements.create("payment", {layout: "tabs", defaultValues: {billingDetails: {address: {country: "US"}}}});
  element.on("ready", (event) => event.elementType);
  element.on("change", (event) => event.complete && !event.empty && event.value.type === "card");
  element.on("loaderror", (event) => event.error.message);
  element.mount("#payment-element");
  const submitted = await elements.submit();
  if (submitted.error) return submitted.error.message;
  const {setupIntent, error} = await stripe.confirmSetup({
    elements,
    confirmParams: {return_url: "https://example.com/return"},
    redirect: "if_required",
  });
  element.destroy();
  return error ? error.decline_code ?? error.message : setupIntent.id;
}

async function payWithASavedMethod(stripe: OfficialStripe | typeof ours): Promise<string | undefined> {
  const paid = await stripe.confirmPayment({
    clientSecret: "pi_1_secret_2",
    confirmParams: {return_url: "https://example.com/return", payment_method: "pm_1"},
    redirect: "if_required",
  });
  if (paid.error) return paid.error.payment_intent?.last_payment_error?.code;
  const next = await stripe.handleNextAction({clientSecret: "pi_1_secret_2"});
  const again = await stripe.retrievePaymentIntent("pi_1_secret_2");
  return next.paymentIntent?.status ?? again.paymentIntent?.status;
}

async function saveByRedirect(stripe: OfficialStripe | typeof ours): Promise<string | undefined> {
  const {error} = await stripe.confirmSetup({
    clientSecret: "seti_1_secret_2",
    confirmParams: {return_url: "https://example.com/return"},
  });
  return error.message;
}

// @ts-expect-error: the return address is required unless the redirect is "if_required".
void ours.confirmSetup({clientSecret: "seti_1_secret_2"});
// @ts-expect-error: the Address Element needs its mode.
void ours.elements().create("address");
// @ts-expect-error: only the Payment Element and the Address Element exist.
void ours.elements().create("card");
// @ts-expect-error: removed in endive.
void ours.elements({mode: "setup", currency: "usd", paymentMethodTypes: ["card"]});

export {create, createAddress, deferred, getAddress, getElement, group, intentFirst, methods, payWithASavedMethod, saveACard, saveACardWithOurs, saveByRedirect};
