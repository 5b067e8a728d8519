/** Compiled, never run: the declaration of `embed.js` says what a host's page may write. */
import type {BillingPortalAttributes, BillingPortalElement, BillingPortalPieceAttributes} from "../../src/portal_embed/static/embed/embed";

const element: BillingPortalElement = document.createElement("billing-portal");
element.addEventListener("billing-changed", ({detail}) => detail.change.toUpperCase());
element.addEventListener("billing-error", ({detail}) => {
  if (detail.reason === "page") detail.status.toFixed();
});
element.addEventListener("click", () => void element.start());

export const attributes: BillingPortalAttributes = {src: "/billing", "token-url": "/api/billing-token", view: "invoices"};

document.createElement("billing-portal-piece").addEventListener("billing-error", ({detail}) => {
  if (detail.reason === "piece") detail.message.trim();
});
export const piece: BillingPortalPieceAttributes = {src: "/billing", name: "invoice", object: "in_1"};

// @ts-expect-error There is no such piece.
export const no_piece: BillingPortalPieceAttributes = {src: "/billing", name: "everything"};

// @ts-expect-error There is no such view.
export const wrong: BillingPortalAttributes = {src: "/billing", "token-url": "/", view: "everything"};
