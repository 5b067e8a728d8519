// @ts-check
/** The Elements themselves: everything but their frames' inside. */

/**
 * What every Element does: its frame, its events.
 * @template {object} Options
 */
class MountedElement {
  #type;
  #settings;
  #forget;
  #destroyed = false;
  /** @type {Map<string, Array<(event: any) => any>>} */
  #handlers = new Map();
  /** @type {Frame | null} */
  frame = null;

  /**
   * @param {"payment" | "address"} type
   * @param {() => object} settings what the frame must know, read afresh each time
   * @param {Options} options
   * @param {() => void} forget tells the Elements group that this one is gone
   */
  constructor(type, settings, options, forget) {
    this.#type = type;
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
    this.frame = new Frame(`/elements/${this.#type}`, `Secure ${this.#type} input frame`, (event, payload) => this.#receive(event, payload));
    style(this.frame.iframe, {border: "0", display: "block", width: "100%", height: "0", "color-scheme": "light"});
    if (this.#type === "payment") this.frame.iframe.allow = "payment *";
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

  /** @param {Partial<Options>} options */
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
    for (const handler of this.#handlers.get(event) ?? []) handler({elementType: this.#type, ...payload});
  }
}

/** @extends {MountedElement<PaymentElementOptions>} */
class PaymentElement extends MountedElement {
  collapse() { return this; }
}

/** @extends {MountedElement<AddressElementOptions>} */
class AddressElement extends MountedElement {
  /** Shows what is wrong, too. @returns {Promise<AddressValue>} */
  async getValue() {
    if (!this.frame) throw new IntegrationError("addressElement.getValue() can only be called on a mounted Element.");
    return this.frame.call("value", {});
  }
}
