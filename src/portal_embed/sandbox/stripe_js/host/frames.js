// @ts-check
/** Talking with the sandbox's own pages inside the host's page, and the 3-D Secure dialog. */

/** A page of the sandbox inside the host's page. Listens to that one window and origin only. */
class Frame {
  #calls = 0;
  /** @type {Map<number, (result: any) => void>} */
  #waiting = new Map();
  #onEvent;
  #listener;
  /** @type {Promise<void>} */
  #alive;
  #wake = () => {};

  /**
   * @param {string} path below the API base; our own origin goes along in the fragment
   * @param {string} title its accessible name
   * @param {(event: string, payload: any) => void} onEvent
   */
  constructor(path, title, onEvent) {
    this.iframe = document.createElement("iframe");
    this.iframe.title = title;
    this.iframe.src = `${API_BASE}${path}#${encodeURIComponent(window.location.origin)}`;
    this.#onEvent = onEvent;
    this.#alive = new Promise((resolve) => { this.#wake = resolve; });
    this.#listener = (/** @type {MessageEvent} */ message) => this.#receive(message);
    window.addEventListener("message", this.#listener);
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  async call(method, params) {
    await this.#alive;
    const id = ++this.#calls;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      // A copy by JSON: options may hold things that cannot be cloned, and the frame needs none of those.
      this.iframe.contentWindow?.postMessage(JSON.parse(JSON.stringify({id, method, params})), API_ORIGIN);
    });
  }

  remove() {
    window.removeEventListener("message", this.#listener);
    this.iframe.remove();
  }

  /** @param {MessageEvent} message */
  #receive(message) {
    if (message.source !== this.iframe.contentWindow || message.origin !== API_ORIGIN) return;
    const {id, result, event, payload} = message.data;
    if (event === "hello") this.#wake();
    if (event) return this.#onEvent(event, payload);
    this.#waiting.get(id)?.(result);
    this.#waiting.delete(id);
  }
}

/**
 * Shows the 3-D Secure dialog and resolves when it was answered or closed.
 * A <dialog>, so that it lies above a dialog of the host page and Escape works.
 * @param {Context} context
 * @param {string} clientSecret
 * @returns {Promise<void>}
 */
function authenticate(context, clientSecret) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    const id = clientSecret.split("_secret_")[0];
    const query = new URLSearchParams({client_secret: clientSecret, ...(context.account && {stripe_account: context.account})});
    const frame = new Frame(`/3ds/${id}?${query}`, "3D Secure authentication", (event) => {
      if (event !== "answered") return;
      dialog.close();
      dialog.remove();
      frame.remove();
      resolve();
    });
    dialog.setAttribute("aria-label", "3D Secure authentication");
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      void frame.call("abandon", {});
    });
    style(dialog, {
      border: "0", padding: "16px", margin: "0", width: "100%", height: "100%", "max-width": "none", "max-height": "none",
      "box-sizing": "border-box", background: "rgba(10, 16, 32, 0.55)", display: "grid", "place-items": "center",
    });
    style(frame.iframe, {
      border: "0", width: "100%", "max-width": "400px", height: "340px", "max-height": "100%", background: "#fff",
      "border-radius": "8px", "color-scheme": "light",
    });
    dialog.append(frame.iframe);
    document.body.append(dialog);
    dialog.showModal();
    frame.iframe.focus();
  });
}

/** @param {HTMLElement} element @param {Record<string, string>} properties */
function style(element, properties) {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
}
