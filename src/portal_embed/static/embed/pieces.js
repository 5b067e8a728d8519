// <billing-portal-piece src="/billing" token-url="/api/billing-token" name="invoices"></billing-portal-piece>
// One section of the portal in the host's own page: in a shadow root, so that neither side's styles reach the other, and
// followed here, so that it needs no htmx. The portal must stand under the page's own origin; elsewhere a frame is the way.
(() => {
  const signIns = new Map(); // portal, token-url and language → the last sign-in: the pieces of a page share one session

  class BillingPortalPiece extends HTMLElement {
    static observedAttributes = ["name", "object", "locale", "theme"];
    #shadow = this.attachShadow({ mode: "open" });
    #turn = 0;
    #at = "";

    constructor() {
      super();
      this.#shadow.addEventListener("click", (event) => this.#clicked(event));
      this.#shadow.addEventListener("submit", (event) => this.#submitted(event));
    }

    connectedCallback() {
      this.start();
    }

    attributeChangedCallback(_name, before, after) {
      if (this.#turn && this.isConnected && before !== after) this.start();
    }

    get #mount() {
      return new URL(this.getAttribute("src") || "/billing", document.baseURI).href.replace(/\/+$/, "");
    }

    get #root() {
      return this.#shadow.querySelector(".portal");
    }

    /** Load the piece anew, as it is now. */
    start() {
      const object = this.getAttribute("object");
      const places = { invoice: `invoices/${object}`, cancel: object ? `cancel/${object}` : "cancel" };
      const name = this.getAttribute("name") ?? "";
      return this.#visit(`${this.#mount}/pieces/${Object.hasOwn(places, name) ? places[name] : name}`, null, false, performance.now());
    }

    #say(type, detail) {
      return this.dispatchEvent(new CustomEvent(`billing-${type}`, { detail, bubbles: true, cancelable: type === "expired" }));
    }

    // The session. Whenever a piece is loaded the host is asked who is signed in, so that nobody sees who was here before; pieces
    // that load together ask together.
    async #signIn(since = 0) {
      const url = this.getAttribute("token-url");
      const key = `${this.#mount} ${url} ${this.getAttribute("locale")}`;
      const last = signIns.get(key);
      if (last && (last.isUnderWay || last.at >= since)) return last.done;
      const done = this.#handOver(url);
      const asked = { at: performance.now(), done, isUnderWay: true };
      signIns.set(key, asked);
      done.then(() => (asked.isUnderWay = false), () => signIns.delete(key));
      return done;
    }

    async #handOver(tokenUrl) {
      if (!tokenUrl) return; // the portal knows by itself who is there (`identity=`)
      const answer = await fetch(tokenUrl, { credentials: "include", cache: "no-store" });
      if (!answer.ok) throw new Error(`token-url answered ${answer.status}`);
      const { url, token } = await answer.json();
      const body = new URLSearchParams({ page: "1", token: token ?? new URL(url, document.baseURI).searchParams.get("token") });
      if (this.hasAttribute("locale")) body.set("locale", this.getAttribute("locale"));
      const entered = await fetch(`${this.#mount}/session`, { method: "POST", body });
      if (!entered.ok) throw new Error(`the portal answered ${entered.status}`);
    }

    #ask(url, options = {}) {
      const headers = { Accept: "text/html", "X-Portal-Piece": this.getAttribute("name") ?? "" };
      return fetch(url, { ...options, headers, cache: "no-store" });
    }

    // Go to a page of the portal inside the piece. `form`: what to send there.
    async #visit(url, form = null, byHand = false, since = 0) {
      const turn = ++this.#turn;
      this.#root?.setAttribute("aria-busy", "true");
      try {
        if (new URL(url).origin !== location.origin) throw new Error("a piece needs the portal under the page's own origin");
        const began = performance.now();
        await this.#signIn(since);
        let answer = await this.#ask(url, form ? { method: "POST", body: this.#fields(form) } : {});
        let html = await answer.text();
        const isOver = answer.status === 401 || (form && answer.status === 403 && html.includes('data-problem="form_refused"'));
        if (isOver && turn === this.#turn && this.#say("expired", {})) {
          await this.#signIn(began);
          if (!form || (await this.#refresh(form))) answer = await this.#ask(url, form ? { method: "POST", body: this.#fields(form) } : {});
          else answer = await this.#ask(this.#at);
          html = await answer.text();
        }
        if (turn === this.#turn && this.isConnected) await this.#show(html, answer, byHand, turn);
        else if (form) this.#told(this.#parsed(html)); // it was done, whatever is looked at by now
      } catch (error) {
        if (turn === this.#turn) this.#fail(error, form);
      }
    }

    #fields(form) {
      const fields = new URLSearchParams(new FormData(form));
      if (form.pressed?.name) fields.append(form.pressed.name, form.pressed.value);
      return fields;
    }

    // After a new session a form needs new proofs; what was typed stays. False where it is another customer's by now.
    async #refresh(form) {
      const answer = await this.#ask(this.#at);
      const fresh = this.#parsed(await answer.text());
      if (fresh?.dataset.customer !== this.#root.dataset.customer) return false;
      const twin = [...fresh.querySelectorAll("form")].find((other) => other.getAttribute("action") === form.getAttribute("action"));
      if (!twin) return false;
      for (const field of form.querySelectorAll('input[type="hidden"][name^="_"]')) field.value = twin.querySelector(`[name="${field.name}"]`)?.value ?? "";
      return true;
    }

    #parsed(html) {
      return new DOMParser().parseFromString(html, "text/html").querySelector(".portal--piece");
    }

    async #show(html, answer, byHand, turn) {
      const page = this.#parsed(html);
      if (!page) throw new Error(`the portal answered ${answer.status} without a piece`);
      this.#at = answer.url.startsWith(`${this.#mount}/`) ? answer.url : this.#at;
      await this.#dress(page.dataset.styles.split(" "));
      if (turn !== this.#turn) return;
      page.style.setProperty("--portal-rem", getComputedStyle(this.#ruler).fontSize);
      const first = !this.#root;
      if (first) this.#shadow.append(page);
      else this.#root.replaceWith(page);
      for (const later of page.querySelectorAll("[data-portal-later]")) this.#fetchLater(later);
      const told = page.querySelector('[data-portal-focus="now"]') ?? (byHand && page.querySelector("h2"));
      if (told && byHand) {
        told.tabIndex = -1;
        told.focus();
      }
      const { view, problem } = page.dataset;
      if (first) this.#say("ready", {});
      this.#say("navigate", { view });
      this.#told(page);
      if (problem) this.#say("error", { reason: "page", status: Number(problem) });
    }

    #told(page) {
      if (page?.dataset.changed) this.#say("changed", { change: page.dataset.changed });
    }

    // Shown once it is dressed. The links stay while pages come and go.
    async #dress(urls) {
      const arrived = [];
      for (const [index, url] of urls.entries()) {
        const style = new URL(url, this.#mount);
        if (index === 0) style.searchParams.set("scheme", this.#scheme);
        if ([...this.#shadow.querySelectorAll("link")].some(({ href }) => href === style.href)) continue;
        const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style.href });
        arrived.push(new Promise((resolve) => (link.onload = link.onerror = resolve)));
        if (index === 0) this.#shadow.querySelectorAll("link").forEach((old) => old.remove());
        this.#shadow.append(link);
      }
      await Promise.all(arrived);
    }

    // What one rem would be had the page not changed it: the reader's own letter size.
    get #ruler() {
      let ruler = this.#shadow.querySelector("[data-ruler]");
      if (!ruler) {
        ruler = document.createElement("span");
        ruler.dataset.ruler = "";
        ruler.hidden = true;
        ruler.style.fontSize = "medium";
        this.#shadow.append(ruler);
      }
      return ruler;
    }

    // As light or dark as the page says it is, which is light where it says nothing.
    get #scheme() {
      const asked = this.getAttribute("theme");
      if (asked === "light" || asked === "dark") return asked;
      const page = getComputedStyle(this).colorScheme;
      if (!page.includes("dark")) return "light";
      return page.includes("light") ? "auto" : "dark";
    }

    async #fetchLater(place) {
      const headers = { "HX-Request": "true", "HX-Request-Type": "partial" };
      const answer = await fetch(place.dataset.portalLater, { headers }).catch(() => null);
      if (!answer?.ok) return; // the link that stands there leads to the same words
      const part = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
      if (part) place.replaceWith(part);
    }

    #fail(error, form) {
      const root = this.#root;
      if (root) {
        for (const busy of [root, ...root.querySelectorAll("[aria-busy]")]) busy.removeAttribute("aria-busy");
        root.querySelectorAll("form").forEach((sent) => delete sent.dataset.sent);
        root.querySelector("[data-failed]")?.remove();
        const words = form?.method === "post" ? root.dataset.writeFailed : root.dataset.readFailed;
        const alert = Object.assign(document.createElement("p"), { className: "notice notice--critical", role: "alert", textContent: words });
        alert.dataset.failed = "";
        root.prepend(alert);
      }
      if (!root && !this.#shadow.querySelector("a")) {
        // No piece, so the way to the whole.
        const label = this.getAttribute("link-label") ?? "Open billing";
        this.#shadow.append(Object.assign(document.createElement("a"), { href: `${this.#mount}/`, textContent: label }));
      }
      this.#say("error", { reason: "piece", message: String(error.message ?? error) });
    }

    #clicked(event) {
      const link = event.target.closest("a[href]");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const address = link.getAttribute("href");
      if (address.startsWith("#")) {
        event.preventDefault();
        this.#shadow.getElementById(address.slice(1))?.focus();
      } else if (address === "" || (this.#isOurs(link.href) && link.getAttribute("hx-boost") !== "false" && !link.target)) {
        event.preventDefault();
        this.#visit(address === "" ? this.#at : link.href, null, true);
      }
    }

    #isOurs(href) {
      return href.startsWith(`${this.#mount}/`) || href === this.#mount;
    }

    // A form with hx-boost="false" may lead to Stripe's own scripts: it opens the portal's page. Not where it only asks.
    #submitted(event) {
      const form = event.target;
      if (form.getAttribute("hx-boost") === "false" && event.submitter?.name !== "see") return;
      event.preventDefault();
      if (form.dataset.sent) return;
      form.dataset.sent = "yes";
      form.pressed = event.submitter;
      event.submitter?.setAttribute("aria-busy", "true");
      if (form.method === "post") this.#visit(form.action, form, true);
      else this.#visit(`${form.action.split("?")[0]}?${this.#fields(form)}`, null, true);
    }
  }

  if (!customElements.get("billing-portal-piece")) customElements.define("billing-portal-piece", BillingPortalPiece);
})();
