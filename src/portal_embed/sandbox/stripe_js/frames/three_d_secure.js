// @ts-check
/** Inside the 3-D Secure dialog: reports the bank's pretended answer to the sandbox, then tells the host page. */
import {serve, tell} from "./frame.js";

const buttons = [...document.querySelectorAll("button")];
const clientSecret = new URLSearchParams(location.search).get("client_secret") ?? "";

for (const button of buttons) button.addEventListener("click", () => answer(button.value));
// Closing the dialog without an answer counts as a failed authentication, as with Stripe.
window.addEventListener("keydown", (event) => { if (event.key === "Escape") void answer("fail"); });
serve({abandon: () => answer("fail")});
// Until here a press would be lost.
for (const button of buttons) button.disabled = false;

/** @param {string} outcome "complete" or "fail" */
async function answer(outcome) {
  for (const button of buttons) button.disabled = true;
  try {
    await fetch(location.pathname + location.search, {method: "POST", body: new URLSearchParams({client_secret: clientSecret, outcome})});
    // Whatever the sandbox said, the intent itself tells the host page how it stands.
    tell("answered");
  } catch {
    for (const button of buttons) button.disabled = false;
    /** @type {HTMLElement} */ (document.querySelector("[role=alert]")).textContent = "The sandbox did not answer. Try again.";
  }
}
