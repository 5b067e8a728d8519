// @ts-check
/** The group of Elements that belong to one form. */

class Elements {
  #context;
  #options;
  #submitted = false;
  /** @type {PaymentElement | null} */
  #payment = null;
  /** @type {AddressElement | null} */
  #address = null;
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

  /**
   * @overload
   * @param {"payment"} type
   * @param {PaymentElementOptions} [options]
   * @returns {PaymentElement}
   */
  /**
   * @overload
   * @param {"address"} type
   * @param {AddressElementOptions} options
   * @returns {AddressElement}
   */
  /** @param {"payment" | "address"} type @param {any} [options] */
  create(type, options = {}) {
    if (type === "address") return this.#createAddress(options);
    if (type !== "payment") throw new IntegrationError(`The sandbox's Stripe.js has no Element of type ${type}, only "payment" and "address".`);
    if (this.#payment) throw new IntegrationError("Can only create one Element of type payment.");
    if (!this.#options.clientSecret && !("mode" in this.#options)) {
      throw new IntegrationError("In order to create a payment Element, you must pass a clientSecret or mode to stripe.elements().");
    }
    /** @type {PaymentElement} */
    const made = new PaymentElement("payment", () => this.#settings(made.options), options, () => { this.#payment = null; });
    return this.#payment = made;
  }

  /** @param {AddressElementOptions} options */
  #createAddress(options) {
    if (this.#address) throw new IntegrationError("Can only create one Element of type address.");
    if (options.mode !== "billing" && options.mode !== "shipping") {
      throw new IntegrationError('In order to create an address Element, you must pass mode: "billing" or "shipping".');
    }
    for (const name of /** @type {const} */ (["contacts", "blockPoBox"])) {
      if (options[name]) throw new IntegrationError(`The sandbox's Address Element does not do ${name}.`);
    }
    /** @type {AddressElement} */
    const made = new AddressElement("address", () => this.#settings(made.options), options, () => {
      this.#address = null;
      void this.#payment?.refresh();
    });
    this.#address = made;
    void this.#payment?.refresh();
    return made;
  }

  /**
   * @overload
   * @param {"payment"} type
   * @returns {PaymentElement | null}
   */
  /**
   * @overload
   * @param {"address"} type
   * @returns {AddressElement | null}
   */
  /** @param {"payment" | "address"} type @returns {any} */
  getElement(type) {
    return {payment: this.#payment, address: this.#address}[type] ?? null;
  }

  /** @param {ElementsUpdate} options */
  async update(options) {
    this.#options = /** @type {IntentFirst | Deferred} */ ({...this.#options, ...options});
    await Promise.all([this.#payment?.refresh(), this.#address?.refresh()]);
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
    const frames = [this.#payment?.frame ?? null, this.#address?.frame ?? null].filter((frame) => frame !== null);
    if (!frames.length) this.#mounted("elements.submit()");
    const errors = await Promise.all(frames.map((frame) => frame.call("validate", {})));
    const error = errors.find((one) => one);
    if (error) return {error};
    this.#submitted = true;
    return {selectedPaymentMethod: this.#payment?.frame ? await this.#payment.frame.call("selected", {}) : ""};
  }

  /**
   * Confirms with what is chosen in the frame; a card's number stays there.
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
    const addressed = await this.#withAddress(confirmParams);
    if ("error" in addressed) return addressed;
    return frame.call("confirm", {path: `${pathOf(kind, clientSecret)}/confirm`, clientSecret, confirmParams: addressed});
  }

  /**
   * The parameters with the billing address of the Address Element; what the page gives itself wins.
   * @param {Partial<ConfirmSetupData & ConfirmPaymentData>} confirmParams
   * @returns {Promise<object>}
   */
  async #withAddress(confirmParams) {
    const frame = this.#address?.frame;
    if (!frame || this.#address?.options.mode !== "billing") return confirmParams;
    const error = await frame.call("validate", {});
    if (error) return {error};
    const {value} = await frame.call("value", {});
    const given = confirmParams.payment_method_data ?? {};
    const details = {name: value.name, phone: value.phone, ...given.billing_details};
    const address = {...value.address, ...given.billing_details?.address};
    return {...confirmParams, payment_method_data: {...given, billing_details: {...details, address}}};
  }

  /** What a frame must know. @param {object} element the options of the Element */
  #settings(element) {
    const {appearance, locale} = this.#options;
    const secret = this.#options.clientSecret;
    return {
      ...this.#context,
      element,
      hasAddress: this.#address?.options.mode === "billing",
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
