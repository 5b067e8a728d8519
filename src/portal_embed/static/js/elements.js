// data-behavior="payment-element": Stripe's Payment Element, saved with confirmSetup, then the form finishes at the server.
// Every word shown comes from Stripe (in the reader's language) or from the form's data attributes.
{
  // Types that are saved where they are entered. Any other, also one that nobody knows yet, is approved on a page of its own.
  const STAYS = new Set([
    ...["card", "link", "apple_pay", "google_pay", "us_bank_account", "sepa_debit", "bacs_debit", "au_becs_debit"],
    ...["acss_debit", "nz_bank_account", "boleto", "konbini", "oxxo"],
  ]);
  const LONGEST_WAIT_MS = 10000;

  const start = (form) => {
    const { dataset } = form;
    // This page is the answer to a POST: without this, reload and Back would ask to send that form again.
    history.replaceState(history.state, "", dataset.wayBack);
    const part = (name) => form.querySelector(`[data-part="${name}"]`);
    const save = part("save");
    const place = part("element");
    const say = (message) => { part("error").textContent = message; };
    const broken = () => { place.removeAttribute("aria-busy"); say(dataset.unavailable); };
    if (!window.Stripe) { broken(); return; }

    const dark = matchMedia("(prefers-color-scheme: dark)");
    const appearance = () => JSON.parse(dark.matches ? dataset.appearanceDark : dataset.appearance);
    const options = { locale: dataset.locale };
    if (dataset.stripeAccount) options.stripeAccount = dataset.stripeAccount;
    const stripe = window.Stripe(dataset.publishableKey, options);
    const elements = stripe.elements({ clientSecret: dataset.clientSecret, appearance: appearance() });
    const element = elements.create("payment");
    element.on("ready", () => { place.removeAttribute("aria-busy"); save.disabled = false; });
    element.on("loaderror", broken);
    element.mount(place);
    dark.addEventListener("change", () => elements.update({ appearance: appearance() }));

    // A bank's page may come between: the choices made here travel in the address it leads back to.
    const returnUrl = () => {
      const url = new URL(dataset.returnUrl);
      for (const [name, value] of new FormData(form)) {
        if (!name.startsWith("_") && name !== "setup_intent") url.searchParams.set(name, value);
      }
      return url.href;
    };

    // In a frame such a page cannot be: it forbids that, and this session is not known where it leads back to. So the rest happens
    // at top level, in a session for just that, by a token which is made at this moment and stands in no address.
    const outside = window.top === window ? null : document.getElementById("portal-outside");
    let leaves = false;
    if (outside) {
      element.on("change", ({ value }) => {
        leaves = Boolean(value?.type) && !STAYS.has(value.type);
        part("continues").textContent = leaves ? dataset.continues : "";
      });
    }
    const goOutside = async () => {
      const body = new URLSearchParams([...new FormData(form)].filter(([name]) => name.startsWith("_")));
      const { session } = document.getElementById("portal-page").dataset; // where no cookie is kept
      const answer = await fetch(outside.dataset.ask, { method: "POST", body, headers: session ? { "X-Portal-Session": session } : {} });
      if (!answer.ok) throw new Error(String(answer.status));
      outside.elements.token.value = (await answer.json()).token;
      outside.submit();
      setTimeout(() => wait(false), LONGEST_WAIT_MS); // a frame that may not lead the page around it stays here
    };

    let busy = false;
    const wait = (on) => {
      busy = on;
      if (on) save.setAttribute("aria-busy", "true");
      else save.removeAttribute("aria-busy");
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      wait(true);
      say("");
      try {
        if (leaves) {
          await goOutside();
          return;
        }
        const { error, setupIntent } = await stripe.confirmSetup({ elements, confirmParams: { return_url: returnUrl() }, redirect: "if_required" });
        // Sent twice, the second answer is an error that carries the finished intent: that is a success too.
        const status = (setupIntent ?? error?.setup_intent)?.status;
        if (status === "succeeded" || status === "processing" || (!error && status !== "requires_payment_method")) {
          form.submit();
          return;
        }
        say(error?.message || dataset.failed);
      } catch {
        say(dataset.unavailable);
      }
      wait(false);
      part("error").focus();
    });
    addEventListener("pageshow", (event) => { if (event.persisted) wait(false); });
  };

  const begin = () => document.querySelectorAll('.portal [data-behavior~="payment-element"]').forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}
