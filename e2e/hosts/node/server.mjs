// A shop in Node whose customers look after their billing in the portal. It only signs tokens; it never calls the portal.
//   PORTAL_URL=https://billing.example.com/billing PORTAL_JWT_KEY=shop:HS256:… CUSTOMERS='{"ada":"cus_…"}' node server.mjs
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { portalToken, signingKey } from "./portal-token.mjs";

const portal = process.env.PORTAL_URL;
const key = signingKey(process.env.PORTAL_JWT_KEY);
const customers = JSON.parse(process.env.CUSTOMERS);
const sessions = new Map(); // session id → user

/** A token for whoever is signed in here. A new one for each use: it works once. */
function tokenFor({ id, user }) {
  return portalToken(key, {
    aud: portal,
    customer: customers[user],
    scopes: user === "guest" ? "view" : "manage",
    actor: user,
    host_session: id,
  });
}

const pages = {
  "GET /": () => html(200, `<h1>Shop</h1><form method="post" action="/sign-in"><label>Name <input name="user"></label><button>Sign in</button></form>`),

  "POST /sign-in": ({ fields }) => {
    const user = fields.get("user");
    if (!Object.hasOwn(customers, user)) return html(403, "<h1>We do not know you</h1>");
    const id = randomUUID();
    sessions.set(id, user);
    return { status: 303, headers: { Location: "/account", "Set-Cookie": `session=${id}; Path=/; HttpOnly; SameSite=Lax` } };
  },

  "GET /account": ({ session }) =>
    session
      ? html(200, `<h1>Your account</h1>
          <form method="post" action="/manage-billing"><button>Manage billing</button></form>
          <billing-portal src="${portal}" token-url="/billing-token" view="invoices"></billing-portal>
          <script src="${portal}/embed.js" async></script>`)
      : { status: 303, headers: { Location: "/" } },

  "POST /manage-billing": ({ session }) =>
    session
      ? { status: 303, headers: { Location: `${portal}/enter?token=${tokenFor(session)}`, "Cache-Control": "no-store" } }
      : { status: 303, headers: { Location: "/" } },

  "GET /billing-token": ({ session }) =>
    session ? json(200, { token: tokenFor(session) }) : json(401, { error: "nobody is signed in" }),
};

function html(status, body) {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>${body}</html>`;
  return { status, headers: { "Content-Type": "text/html; charset=utf-8" }, body: page };
}

function json(status, value) {
  return { status, headers: { "Content-Type": "application/json", "Cache-Control": "no-store" }, body: JSON.stringify(value) };
}

async function answer(request) {
  const { pathname } = new URL(request.url, "http://localhost");
  const page = pages[`${request.method} ${pathname}`];
  if (!page) return html(404, "<h1>Not here</h1>");
  let body = "";
  for await (const chunk of request) if ((body += chunk).length > 10_000) return html(413, "<h1>Too much</h1>");
  const id = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  const session = sessions.has(id) ? { id, user: sessions.get(id) } : null;
  return page({ session, fields: new URLSearchParams(body) });
}

const server = createServer(async (request, response) => {
  const { status, headers, body } = await answer(request).catch(() => html(400, "<h1>Not understood</h1>"));
  response.writeHead(status, headers).end(body);
});
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log(server.address().port));
