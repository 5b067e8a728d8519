// <billing-portal src="/billing" token-url="/api/billing-token" view="invoices"></billing-portal>
// One element: it frames the portal, signs the customer in by a token from your own server, and grows with the content.
(() => {
  const VERSION = 1;

  class BillingPortal extends HTMLElement {
    static observedAttributes = ["view", "locale", "theme"];
    #frame = null;
    #restarted = 0;
    #cookieless = false;
    #hear = (event) => this.#heard(event);

    connectedCallback() {
      if (this.#frame) return;
      const frame = document.createElement("iframe");
      frame.name = `billing-portal-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`; // nobody else's frame has it
      frame.title = this.getAttribute("title") ?? "Billing";
      frame.allow = "payment *";
      frame.referrerPolicy = "origin";
      frame.style.cssText = "display:block;inline-size:100%;block-size:24rem;border:0;color-scheme:normal;opacity:0";
      setTimeout(() => this.#show(), 3000); // a frame without JavaScript says nothing
      this.style.display ||= "block";
      this.#frame = frame;
      this.append(frame);
      window.addEventListener("message", this.#hear);
      this.start();
    }

    disconnectedCallback() {
      window.removeEventListener("message", this.#hear);
      this.#frame?.remove();
      this.#frame = null;
    }

    attributeChangedCallback(_name, before, after) {
      if (this.#frame && before !== after) this.start();
    }

    // Hidden until there is something to see, so that signing in does not flicker.
    #show() {
      if (this.#frame) this.#frame.style.opacity = "1";
    }

    get #portal() {
      return new URL(this.getAttribute("src") || "/billing", document.baseURI);
    }

    /** Sign in with a fresh token and open `view`. Without a token-url whoever is there signs in by mail, inside the frame. */
    async start(path = "/") {
      if (!this.hasAttribute("token-url")) return void (this.#frame.src = this.#portal.href.replace(/\/+$/, "") + path);
      const token = await this.#token();
      if (!token || !this.#frame) return;
      // A form and not an address: the token stands in no history and no log.
      const form = document.createElement("form");
      form.method = "post";
      form.action = `${this.#portal.href.replace(/\/+$/, "")}/session`;
      form.target = this.#frame.name;
      form.hidden = true;
      const fields = { token, cookieless: this.#cookieless ? "1" : "", host_page: location.href.split("#")[0] };
      for (const name of ["view", "locale", "theme"]) fields[name] = this.getAttribute(name) ?? "";
      for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name, value });
        form.append(field);
      }
      document.body.append(form);
      form.submit();
      form.remove();
    }

    async #token() {
      try {
        const answer = await fetch(this.getAttribute("token-url") ?? "", { credentials: "include", cache: "no-store" });
        if (!answer.ok) throw new Error(`token-url answered ${answer.status}`);
        const { url, token } = await answer.json();
        return token ?? new URL(url, document.baseURI).searchParams.get("token");
      } catch (error) {
        this.#show();
        this.#say("error", { reason: "token", message: String(error.message ?? error) });
        return null;
      }
    }

    #say(type, detail) {
      return this.dispatchEvent(new CustomEvent(`billing-${type}`, { detail, bubbles: true, cancelable: type === "expired" }));
    }

    async #heard({ source, origin, data }) {
      if (source !== this.#frame?.contentWindow || origin !== this.#portal.origin || data?.portal_embed !== VERSION) return;
      const { type } = data;
      if (type === "resize" && Number.isFinite(data.height)) {
        this.#frame.style.blockSize = `${Math.min(Math.max(data.height, 80), 20000)}px`;
        this.#say("resize", { height: data.height });
      } else if (type === "ready") this.#say("ready", {});
      else if (type === "navigate") {
        // The new page begins at the top of the frame, which may have been scrolled out of sight.
        if (this.#frame.getBoundingClientRect().top < 0) this.scrollIntoView({ block: "start" });
        this.#show();
        this.#say("navigate", { view: String(data.view) });
      } else if (type === "changed") this.#say("changed", { change: String(data.change) });
      else if (type === "done") this.#say("done", {});
      else if (type === "error") this.#say("error", { reason: "page", status: Number(data.status) });
      else if (type === "expired" && this.#say("expired", {})) await this.#renew(data.restart === true);
    }

    async #giveUp() {
      this.#say("error", { reason: "session" });
      const link = document.createElement("a");
      Object.assign(link, { href: this.#portal.href, target: "_blank", textContent: this.getAttribute("tab-label") ?? "Open billing in a new tab" });
      link.addEventListener("click", async (event) => {
        event.preventDefault();
        const tab = window.open("", "_blank"); // at once, or it would count as a pop-up; the token is fresh for each click
        const token = await this.#token();
        if (token && tab) tab.location.replace(`${this.#portal.href.replace(/\/+$/, "")}/enter?token=${encodeURIComponent(token)}`);
        else tab?.close();
      });
      this.#frame?.replaceWith(link);
    }

    async #renew(restart) {
      if (!this.hasAttribute("token-url")) return this.start("/login");
      const now = Date.now();
      if (restart) {
        // The browser keeps no cookie for us here: carry the session in the forms. If even that fails, a tab of its own is left.
        if (this.#cookieless && now - this.#restarted < 60_000) return this.#giveUp();
        this.#cookieless = true;
        this.#restarted = now;
        return this.start();
      }
      const token = await this.#token();
      if (token) this.#frame?.contentWindow.postMessage({ portal_embed: VERSION, type: "token", token }, this.#portal.origin);
    }
  }

  if (!customElements.get("billing-portal")) customElements.define("billing-portal", BillingPortal);
})();
