// @ts-check
/**
 * A stand-in for Stripe.js "endive", served by the sandbox at `<api base>/stripe.js`.
 *
 * It does the part of Stripe.js that a page with a Payment Element or an Address Element needs, with the names, results
 * and texts of `@stripe/stripe-js` 10.2 (a strict type check in the test suite holds it to that).
 * Card fields live in a frame of the sandbox's own origin, so the host page's script never sees a
 * number. Works under a CSP that names the sandbox in script-src, frame-src and connect-src:
 * no inline styles (CSSOM only) and no eval.
 *
 * Not here, and refused by a thrown error: every Element but "payment" and "address", methods other than cards and
 * (where a SetupIntent offers it) PayPal, wallets, confirmation tokens. Texts are English whatever the locale.
 */

/**
 * @param {string} publishableKey
 * @param {import("@stripe/stripe-js").StripeConstructorOptions} [options]
 */
function Stripe(publishableKey, options = {}) {
  if (typeof publishableKey !== "string" || !publishableKey) throw new IntegrationError("Missing value for Stripe(): apiKey should be a string.");
  if (/^(sk|rk)_/.test(publishableKey)) throw new IntegrationError("You should not use your secret key with Stripe.js. Please pass a publishable key instead.");
  if (!publishableKey.startsWith("pk_test_")) throw new IntegrationError("The sandbox takes publishable test keys only (pk_test_…).");
  return new SandboxStripe({key: publishableKey, account: options.stripeAccount ?? null, locale: options.locale ?? "auto"});
}

class SandboxStripe {
  #context;

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
  }

  /** @param {IntentFirst | Deferred} [options] */
  elements(options = {}) {
    return new Elements(this.#context, options);
  }

  /**
   * @overload
   * @param {{elements: AnyElements, confirmParams?: Partial<ConfirmSetupData>, redirect: "if_required"}} options
   * @returns {Promise<SetupIntentResult>}
   */
  /**
   * @overload
   * @param {{elements?: AnyElements, clientSecret: string, confirmParams?: Partial<ConfirmSetupData>, redirect: "if_required"}} options
   * @returns {Promise<SetupIntentResult>}
   */
  /**
   * @overload
   * @param {{elements: AnyElements, confirmParams: ConfirmSetupData, redirect?: "always"}} options
   * @returns {Promise<never | Failed>}
   */
  /**
   * @overload
   * @param {{elements?: AnyElements, clientSecret: string, confirmParams: ConfirmSetupData, redirect?: "always"}} options
   * @returns {Promise<never | Failed>}
   */
  /** @param {any} options @returns {Promise<any>} */
  async confirmSetup(options) {
    const outcome = await this.#confirm("setup", options);
    return isFailed(outcome) ? outcome : {setupIntent: outcome};
  }

  /**
   * @overload
   * @param {{elements: AnyElements, confirmParams?: Partial<ConfirmPaymentData>, redirect: "if_required"}} options
   * @returns {Promise<PaymentIntentResult>}
   */
  /**
   * @overload
   * @param {{elements?: AnyElements, clientSecret: string, confirmParams?: Partial<ConfirmPaymentData>, redirect: "if_required"}} options
   * @returns {Promise<PaymentIntentResult>}
   */
  /**
   * @overload
   * @param {{elements: AnyElements, confirmParams: ConfirmPaymentData, redirect?: "always"}} options
   * @returns {Promise<never | Failed>}
   */
  /**
   * @overload
   * @param {{elements?: AnyElements, clientSecret: string, confirmParams: ConfirmPaymentData, redirect?: "always"}} options
   * @returns {Promise<never | Failed>}
   */
  /** @param {any} options @returns {Promise<any>} */
  async confirmPayment(options) {
    const outcome = await this.#confirm("payment", options);
    return isFailed(outcome) ? outcome : {paymentIntent: outcome};
  }

  /**
   * Shows what an intent in `requires_action` asks for (the 3-D Secure dialog).
   * @param {{clientSecret: string} | {hashedValue: string}} options
   * @returns {Promise<import("@stripe/stripe-js").PaymentIntentOrSetupIntentResult>}
   */
  async handleNextAction(options) {
    if (!("clientSecret" in options)) throw new IntegrationError("handleNextAction: the sandbox needs a clientSecret.");
    const {clientSecret} = options;
    const kind = kindOf(clientSecret, "handleNextAction");
    const intent = await retrieve(this.#context, kind, clientSecret);
    if (isFailed(intent)) return intent;
    if (intent.status !== "requires_action") {
      throw new IntegrationError(`handleNextAction: The ${intentName(kind)} supplied is not in the requires_action state.`);
    }
    const outcome = await settle(this.#context, kind, clientSecret, intent);
    if (isFailed(outcome)) return outcome;
    return kind === "setup"
      ? {setupIntent: /** @type {SetupIntent} */ (outcome)}
      : {paymentIntent: /** @type {PaymentIntent} */ (outcome)};
  }

  /** @param {string} clientSecret @returns {Promise<SetupIntentResult>} */
  async retrieveSetupIntent(clientSecret) {
    requireSecret("setup", clientSecret, "retrieveSetupIntent");
    const intent = await retrieve(this.#context, "setup", clientSecret);
    return isFailed(intent) ? intent : {setupIntent: /** @type {SetupIntent} */ (intent)};
  }

  /** @param {string} clientSecret @returns {Promise<PaymentIntentResult>} */
  async retrievePaymentIntent(clientSecret) {
    requireSecret("payment", clientSecret, "retrievePaymentIntent");
    const intent = await retrieve(this.#context, "payment", clientSecret);
    return isFailed(intent) ? intent : {paymentIntent: /** @type {PaymentIntent} */ (intent)};
  }

  /**
   * @param {Kind} kind
   * @param {ConfirmOptions} options
   * @returns {Promise<SetupIntent | PaymentIntent | Failed>}
   */
  async #confirm(kind, options) {
    const method = kind === "setup" ? "confirmSetup" : "confirmPayment";
    const {elements, confirmParams = {}, redirect = "always"} = options ?? {};
    if (elements && !(elements instanceof Elements)) {
      throw new IntegrationError(`Invalid value for stripe.${method}(): elements should be an instance of Elements.`);
    }
    const clientSecret = options?.clientSecret ?? elements?.clientSecret;
    requireSecret(kind, clientSecret, method);
    if (redirect !== "if_required" && !confirmParams.return_url) {
      throw new IntegrationError(`Missing value for stripe.${method}(): confirmParams.return_url is required unless redirect is "if_required".`);
    }
    const confirmed = elements && !confirmParams.payment_method
      ? await elements.confirmInFrame(kind, clientSecret, confirmParams, method)
      : await request(this.#context, "POST", `${pathOf(kind, clientSecret)}/confirm`, {
          client_secret: clientSecret,
          use_stripe_sdk: "true",
          ...(confirmParams.payment_method && {payment_method: confirmParams.payment_method}),
          ...(confirmParams.return_url && {return_url: confirmParams.return_url}),
        });
    const outcome = isFailed(confirmed) ? confirmed : await settle(this.#context, kind, clientSecret, confirmed);
    if (isFailed(outcome) || redirect === "if_required") return outcome;
    return leave(returnAddress(kind, outcome, String(confirmParams.return_url)));
  }
}
