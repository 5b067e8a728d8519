// Inside a host's frame: tells the page around it what happens, and asks it for a fresh session when this one is over.
// Messages go to the origins that may frame us and to no other; they name no customer, no object and no address.
if (window.parent !== window) {
  const VERSION = 1;
  const mount = new URL(document.currentScript.src).pathname.split("/static/")[0];
  const facts = () => document.getElementById("portal-page").dataset;
  const origins = () => facts().frame.split(" ").filter((origin) => (location.ancestorOrigins?.[0] ?? origin) === origin);
  const tell = (type, detail = {}) =>
    origins().forEach((origin) => window.parent.postMessage({ portal_embed: VERSION, type, ...detail }, origin));

  // Height: what the content needs, never what the frame happens to have, so that the two cannot drive each other.
  let height = 0;
  const measure = () => {
    const needed = Math.ceil(document.body.getBoundingClientRect().height);
    if (Math.abs(needed - height) < 2) return;
    height = needed;
    tell("resize", { height });
  };
  let planned = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(planned);
    planned = requestAnimationFrame(measure);
  }).observe(document.body);

  // What went wrong is said at the foot of the window, but a frame taller than the reader's window has its foot out of sight.
  const alert = document.getElementById("portal-alert");
  new MutationObserver(() => {
    new IntersectionObserver(([{ intersectionRect: seen }], observer) => {
      observer.disconnect();
      alert.style.insetBlockEnd = seen.height ? `${Math.max(0, innerHeight - seen.bottom) + 16}px` : "";
    }).observe(document.body);
  }).observe(alert, { childList: true });

  // A fresh session: the host's page gets a token from its own server, we hand it in.
  let waiting = null;
  let deadline = Infinity;
  const until = () => {
    const seconds = facts().expiresIn;
    deadline = seconds ? performance.now() + Number(seconds) * 1000 : Infinity;
  };
  const renew = () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      setTimeout(reject, 10_000, new Error("silence")); // nobody listens, or the host knows nobody any more
      tell("expired");
    });
  window.addEventListener("message", async ({ source, origin, data }) => {
    if (source !== window.parent || !origins().includes(origin)) return;
    if (data?.portal_embed !== VERSION || data.type !== "token" || typeof data.token !== "string" || !waiting) return;
    const { resolve, reject } = waiting;
    waiting = null;
    const body = new URLSearchParams({ token: data.token });
    const answer = await fetch(`${mount}/session`, { method: "POST", body, headers: carrier() }).catch(() => null);
    if (answer?.status === 200) facts().session = (await answer.json()).session;
    if (answer?.ok) resolve();
    else reject(new Error("refused"));
  });

  // The new session has new proofs in its forms; what was typed stays. Another customer's page is loaded whole instead.
  const refresh = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", ...carrier() } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const page = fresh.getElementById("portal-page");
    if (!answer.ok || page?.dataset.customer !== facts().customer) throw new Error("another customer");
    for (const form of document.forms) {
      const twin = [...fresh.forms].find((other) => other.getAttribute("action") === form.getAttribute("action"));
      for (const field of form.querySelectorAll('input[type="hidden"][name^="_"]')) {
        const value = twin?.querySelector(`input[name="${field.name}"]`)?.value;
        if (value === undefined) throw new Error("no such form any more");
        field.value = value;
      }
    }
    facts().expiresIn = page.dataset.expiresIn;
    document.getElementById("portal-page").setAttribute("hx-headers:inherited", JSON.stringify(carrier()));
    until();
  };
  const hasLeft = () => new URLSearchParams(location.search).has("left"); // signed out on purpose: stays so
  const startAnew = () => leave(location.pathname === `${mount}/expired` ? `${mount}/` : location.href);

  // Where the browser keeps no cookie here, the session travels in a header and in the fields of every form, never in an
  // address: so links become forms, and what comes back is written into the history under its own address.
  const carrier = () => (facts().session ? { "X-Portal-Session": facts().session } : {});
  const go = (href, target = "") => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: `${mount}/visit`, target, hidden: true });
    const to = new URL(href, location.href);
    for (const [name, value] of Object.entries({ _session: facts().session, to: to.pathname + to.search })) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    HTMLFormElement.prototype.submit.call(form);
    form.remove();
  };
  // Going back is asked for by htmx without the headers that the page inherits.
  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => Object.assign(ctx.request.headers, carrier()));

  // A document at Stripe opens in a tab of its own: the page around us may let its frame lead to us and nowhere else, and in a
  // tab the browser does not know who is signed in here. So we ask where it is first.
  const show = async (href) => {
    const answer = await fetch(href, { headers: { Accept: "application/json", ...carrier() } }).catch(() => null);
    const tab = answer?.ok && window.open((await answer.json()).url, "_blank");
    if (tab) tab.opener = null;
    else leave(href); // to the page that says what is wrong; or where tabs are forbidden, to the document
  };
  const leave = (href) => (facts().session ? go(href) : location.replace(href));
  document.addEventListener("portal:leave", (event) => {
    if (!facts().session) return;
    event.preventDefault();
    go(event.detail);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey) return;
    if ("document" in link.dataset) {
      event.preventDefault();
      return show(link.href);
    }
    if (!facts().session) return;
    const byHtmx = window.htmx && link.getAttribute("hx-boost") !== "false";
    const ours = link.origin === location.origin && `${link.pathname}/`.startsWith(`${mount}/`);
    if (byHtmx || !ours || link.hash || link.target === "_top") return;
    event.preventDefault();
    go(link.href, link.target);
  });

  window.addEventListener(
    "submit",
    (event) => {
      if (performance.now() < deadline || event.target.method !== "post") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { target, submitter } = event;
      const send = () => target.requestSubmit(submitter);
      renew().then(
        () => refresh().then(send, startAnew),
        () => {
          deadline = Infinity; // as it is, then: the answer says that the session is over
          send();
        },
      );
    },
    true,
  );

  const report = () => {
    until();
    const { view, changed, done, problem, at } = facts();
    if (at && at !== location.pathname + location.search) history.replaceState(history.state, "", at);
    if (problem !== "401" || hasLeft()) tell("navigate", { view });
    if (changed) tell("changed", { change: changed });
    if (done) tell("done");
    if (problem === "401" && hasLeft()) tell("error", { status: 401 });
    else if (problem === "401") renew().then(startAnew, ({ message }) => message === "refused" && tell("expired", { restart: true }));
    else if (problem) tell("error", { status: Number(problem) });
    measure();
  };
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.target?.id === "portal-page" || ctx.target === document.body || ctx.target === undefined) report();
  });
  tell("ready");
  report();
}
