// Signs the claims of every vector that is to be accepted, with the code that hosts copy, and prints the tokens as JSON.
import { readFileSync } from "node:fs";
import { portalToken, signingKey } from "../../../e2e/hosts/node/portal-token.mjs";

const { keys, accept } = JSON.parse(readFileSync(new URL("jwt.json", import.meta.url)));
const ring = Object.fromEntries(keys.map(({ signs }) => [signs.split(":")[0], signingKey(signs)]));
console.log(JSON.stringify(accept.map(({ kid, claims }) => portalToken(ring[kid], claims))));
