// @ts-check
/** Elements and the Payment Element: everything but the frame's inside. */

class Elements {
  #context;
  #options;
  #submitted = false;
  /** @type {PaymentElement | null} */
  #payment = null;
  /** @type {Array<() => void>} */
  #updateHandlers = [];

  /** @param {Context} context @param {IntentFirst | Deferred} options */
  constructor(context, options) {
    if ("paymentMethodTypes" in options || "payment_method_types" in options) {
      throw new IntegrationError("stripe.elements(): `paymentMethodTypes` is no longer supported. Use `allowedPaymentMethodTypes` instead.");
    }
    if (options.clientSecret !== undefined) kindOf(options.clientSecret, "elements");
    this.#context = context;
    this.#options = options;
  }

  /** The secret given to `stripe.elements()`; undefined for the deferred way. */
  get clientSecret() {
    return this.#options.clientSecret;
  }

  /** @param {"payment"} type @param {PaymentElementOptions} [options] */
  create(type, options = {}) {
    if (type !== "payment") throw new IntegrationError(`The sandbox's Stripe.js has no Element of type ${type}, only "payment".`);
    if (this.#payment) throw new IntegrationError("Can only create one Element of type payment.");
    if (!this.#options.clientSecret && !("mode" in this.#options)) {
      throw new IntegrationError("In order to create a payment Element, you must pass a clientSecret or mode to stripe.elements().");
    }
    this.#payment = new PaymentElement(
      () => ({...this.#settings(), element: this.#payment?.options ?? options}),
      options,
      () => { this.#payment = null; },
    );
    return this.#payment;
  }

  /** @param {"payment"} type */
  getElement(type) {
    return type === "payment" ? this.#payment : null;
  }

  /** @param {ElementsUpdate} options */
  async update(options) {
    this.#options = /** @type {IntentFirst | Deferred} */ ({...this.#options, ...options});
    await this.#payment?.refresh();
    for (const handler of this.#updateHandlers) handler();
  }

  /** @param {"update-end"} _eventType @param {() => void} handler */
  on(_eventType, handler) {
    this.#updateHandlers.push(handler);
  }

  /** @returns {Promise<{error?: {message: string, status?: string}}>} */
  async fetchUpdates() {
    return {};
  }

  /** @returns {Promise<{error: StripeError, selectedPaymentMethod?: undefined} | {selectedPaymentMethod: string, error?: undefined}>} */
  async submit() {
    const error = await this.#mounted("elements.submit()").call("validate", {});
    if (error) return {error};
    this.#submitted = true;
    return {selectedPaymentMethod: "card"};
  }

  /**
   * Confirms with the card in the frame; the number stays there.
   * @param {Kind} kind
   * @param {string} clientSecret
   * @param {Partial<ConfirmSetupData & ConfirmPaymentData>} confirmParams
   * @param {string} method
   */
  async confirmInFrame(kind, clientSecret, confirmParams, method) {
    const frame = this.#mounted(`stripe.${method}()`);
    if (!this.clientSecret && !this.#submitted) {
      throw new IntegrationError(`elements.submit() must be called before stripe.${method}() when no clientSecret was given to stripe.elements().`);
    }
    return frame.call("confirm", {path: `${pathOf(kind, clientSecret)}/confirm`, clientSecret, confirmParams});
  }

  #settings() {
    const {appearance, locale} = this.#options;
    const secret = this.#options.clientSecret;
    return {
      ...this.#context,
      locale: locale ?? this.#context.locale,
      appearance: appearance ?? {},
      clientSecret: secret ?? null,
      path: secret ? pathOf(kindOf(secret, "elements"), secret) : null,
    };
  }

  /** @param {string} method @returns {Frame} */
  #mounted(method) {
    const frame = this.#payment?.frame;
    if (!frame) throw new IntegrationError(`Invalid value for ${method}: elements should have a mounted Payment Element.`);
    return frame;
  }
}

class PaymentElement {
  #settings;
  #forget;
  #destroyed = false;
  /** @type {Map<string, Array<(event: any) => any>>} */
  #handlers = new Map();
  /** @type {Frame | null} */
  frame = null;

  /**
   * @param {() => object} settings what the frame must know, read afresh each time
   * @param {PaymentElementOptions} options
   * @param {() => void} forget tells the Elements group that this one is gone
   */
  constructor(settings, options, forget) {
    this.#settings = settings;
    this.options = options;
    this.#forget = forget;
  }

  /** @param {string | HTMLElement} target */
  mount(target) {
    if (this.#destroyed) throw new IntegrationError("This Element has already been destroyed. Please create a new one.");
    const container = typeof target === "string" ? document.querySelector(target) : target;
    if (!(container instanceof HTMLElement)) {
      throw new IntegrationError(`The selector you specified (${target}) applies to no DOM elements that are currently on the page. Make sure the element exists on the page before calling mount().`);
    }
    this.unmount();
    this.frame = new Frame("/elements/payment", "Secure payment input frame", (event, payload) => this.#receive(event, payload));
    style(this.frame.iframe, {border: "0", display: "block", width: "100%", height: "0", "color-scheme": "light"});
    this.frame.iframe.allow = "payment *";
    container.replaceChildren(this.frame.iframe);
    this.#emit("loaderstart", {});
  }

  unmount() {
    this.frame?.remove();
    this.frame = null;
  }

  destroy() {
    this.unmount();
    this.#destroyed = true;
    this.#forget();
  }

  blur() { void this.frame?.call("blur", {}); }
  clear() { void this.frame?.call("clear", {}); }
  focus() { this.frame?.iframe.focus(); void this.frame?.call("focus", {}); }
  collapse() { return this; }

  /** @param {PaymentElementOptions} options */
  update(options) {
    this.options = {...this.options, ...options};
    void this.refresh();
    return this;
  }

  /** Gives the frame its settings again. */
  async refresh() {
    await this.frame?.call("settings", this.#settings());
  }

  /** @param {string} eventType @param {(event: any) => any} handler */
  on(eventType, handler) {
    this.#handlers.set(eventType, [...(this.#handlers.get(eventType) ?? []), handler]);
    return this;
  }

  /** @param {string} eventType @param {(event: any) => any} handler */
  once(eventType, handler) {
    const once = (/** @type {any} */ event) => { this.off(eventType, once); handler(event); };
    return this.on(eventType, once);
  }

  /** @param {string} eventType @param {(event: any) => any} [handler] */
  off(eventType, handler) {
    const kept = handler ? (this.#handlers.get(eventType) ?? []).filter((one) => one !== handler) : [];
    this.#handlers.set(eventType, kept);
    return this;
  }

  /** @param {string} event @param {any} payload */
  #receive(event, payload) {
    if (event === "hello") void this.frame?.call("load", this.#settings());
    else if (event === "height" && this.frame) style(this.frame.iframe, {height: `${Number(payload.height)}px`});
    else if (event === "enter") this.frame?.iframe.closest("form")?.requestSubmit();
    else this.#emit(event, payload);
  }

  /** @param {string} event @param {object} payload */
  #emit(event, payload) {
    for (const handler of this.#handlers.get(event) ?? []) handler({elementType: "payment", ...payload});
  }
}
