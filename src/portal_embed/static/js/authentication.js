// data-behavior="authentication": the bank's own question (3-D Secure), asked through Stripe.js as soon as the page is there.
// Whatever the answer, the way on is the return address, where the server reads from Stripe what is true.
{
  const start = (root) => {
    const { dataset } = root;
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const again = part("start");
    const leave = () => {
      const go = new CustomEvent("portal:leave", { cancelable: true, detail: dataset.returnUrl });
      if (document.dispatchEvent(go)) location.replace(dataset.returnUrl);
    };
    const stop = (message) => {
      part("state").textContent = "";
      part("error").textContent = message;
      again.hidden = false;
      again.removeAttribute("aria-busy");
      part("error").focus();
    };
    const ask = async () => {
      if (again.getAttribute("aria-busy")) return;
      again.setAttribute("aria-busy", "true");
      part("error").textContent = "";
      part("state").textContent = dataset.waiting;
      try {
        const options = { locale: dataset.locale };
        if (dataset.stripeAccount) options.stripeAccount = dataset.stripeAccount;
        const stripe = window.Stripe(dataset.publishableKey, options);
        const clientSecret = dataset.clientSecret;
        if (part("outside") && window.top !== window && (await leavesThePage(stripe, clientSecret))) {
          part("state").textContent = dataset.continues;
          part("outside").classList.add("button--primary"); // instead of the one to try again, which is not shown
          part("outside").hidden = part("approved").hidden = false;
          return;
        }
        const { error, paymentIntent } = await stripe.handleNextAction({ clientSecret });
        if (error?.type === "api_connection_error") stop(error.message || dataset.unavailable);
        else if (!error && paymentIntent?.status === "requires_confirmation") await confirm(stripe, clientSecret);
        else leave();
      } catch {
        stop(dataset.unavailable);
      }
    };
    // In a frame Stripe.js would lead the page around it away, and back to where nobody is signed in. Stripe's own page for the same
    // invoice, in a tab of its own, takes the payment as well.
    const leavesThePage = async (stripe, clientSecret) => {
      const { paymentIntent } = await stripe.retrievePaymentIntent(clientSecret);
      return paymentIntent?.next_action?.type === "redirect_to_url";
    };
    const confirm = async (stripe, clientSecret) => {
      const { error } = await stripe.confirmPayment({ clientSecret, confirmParams: { return_url: dataset.returnUrl }, redirect: "if_required" });
      if (error) stop(error.message || dataset.failed);
      else leave();
    };
    again.addEventListener("click", ask);
    part("approved")?.addEventListener("click", leave);
    // Back to this page would open the bank's dialog again unasked; the button is there for that.
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") again.hidden = false;
    else ask();
  };

  const begin = () => document.querySelectorAll('.portal [data-behavior~="authentication"]').forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}
