/** What `embed.js` and `pieces.js` of portal_embed define: the elements `<billing-portal>` and `<billing-portal-piece>`, and their events. */

export type BillingView = "overview" | "plan" | "invoices" | "payment-methods" | "details";

export interface BillingEvents {
  /** The portal is in its frame and listens. */
  "billing-ready": CustomEvent<Record<string, never>>;
  /** The frame has grown or shrunk to `height` CSS pixels. */
  "billing-resize": CustomEvent<{ height: number }>;
  /** Another page is open. */
  "billing-navigate": CustomEvent<{ view: string }>;
  /** Something was changed, "canceled" say. A hint: ask your server what is so now. */
  "billing-changed": CustomEvent<{ change: string }>;
  /** The flow that the token was for is complete. */
  "billing-done": CustomEvent<Record<string, never>>;
  /** The session is over; a fresh token is fetched next, unless you prevent it. */
  "billing-expired": CustomEvent<Record<string, never>>;
  /**
   * `reason` "token": `token-url` gave none; "page": a page failed with `status`; "session": the browser keeps no session;
   * "piece": a piece could not be loaded.
   */
  "billing-error": CustomEvent<
    { reason: "token" | "piece"; message: string } | { reason: "page"; status: number } | { reason: "session" }
  >;
}

export interface BillingPortalElement extends HTMLElement {
  /**
   * Sign in with a fresh token and open `view`. Without a `token-url` attribute: open the portal, where whoever is there signs in
   * by email (`LoginPage(enabled=True, may_be_framed=True)`).
   */
  start(): Promise<void>;
  addEventListener<K extends keyof BillingEvents>(
    type: K,
    listener: (this: BillingPortalElement, event: BillingEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

export interface BillingPortalAttributes {
  /** Where the portal is mounted: a path of this site, or an absolute address. */
  src: string;
  /** An address of your own site that answers `{"url": portal.create_session(...).url}` as JSON. */
  "token-url": string;
  view?: BillingView;
  /** One of Stripe's locales, such as "de"; else the session's, the customer's, the browser's. */
  locale?: string;
  /** Whatever the reader's system prefers; else as the host's `Theme` says. */
  theme?: "light" | "dark";
  title?: string;
  /** What the link says that is left where a browser keeps no session in a frame. */
  "tab-label"?: string;
}

export type BillingPiece = "invoices" | "invoice" | "payment-methods" | "plan" | "plans" | "cancel" | "upcoming" | "attention";

export interface BillingPortalPieceElement extends BillingPortalElement {
  /** Load the piece anew, as it is now. */
  start(): Promise<void>;
}

export interface BillingPortalPieceAttributes extends Pick<BillingPortalAttributes, "src" | "locale"> {
  name: BillingPiece;
  /** As for the whole portal; left out where the portal knows by itself who is there (`identity=`). */
  "token-url"?: string;
  /** The invoice ("in_…") of an `invoice`; the subscription ("sub_…") of a `cancel`, for those who have several. */
  object?: string;
  /** Else as light or dark as the page's own `color-scheme` says. */
  theme?: "light" | "dark";
  /** What the link says that is left where a piece cannot be loaded. */
  "link-label"?: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "billing-portal-piece": BillingPortalPieceElement;
    "billing-portal": BillingPortalElement;
  }
}
