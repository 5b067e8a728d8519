// @ts-check
/**
 * How a page of the sandbox, framed by a host page, talks with the Stripe.js that framed it.
 * The host's origin comes in the URL's fragment; messages to and from any other window are dropped.
 */

const HOST_ORIGIN = decodeURIComponent(location.hash.slice(1));

/** The address of the world this page was served from: everything before `/elements/` of this script. */
export const API_BASE = new URL("..", import.meta.url).href.replace(/\/$/, "");

/**
 * Answers the host's calls and says hello.
 * @param {Record<string, (params: any) => unknown>} methods
 */
export function serve(methods) {
  window.addEventListener("message", async (message) => {
    if (message.source !== window.parent || message.origin !== HOST_ORIGIN) return;
    const {id, method, params} = message.data;
    const result = await methods[method]?.(params);
    post({id, result: result ?? null});
  });
  tell("hello");
}

/** @param {string} event @param {object} [payload] */
export function tell(event, payload = {}) {
  post({event, payload});
}

/** @param {object} message */
function post(message) {
  window.parent.postMessage(message, HOST_ORIGIN);
}
