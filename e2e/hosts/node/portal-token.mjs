// Signs the token that lets one browser into the billing portal, once. Node's own crypto, no package.
import { createHmac, createPrivateKey, createSecretKey, randomUUID, sign } from "node:crypto";

/** The key of an entry "kid:HS256:secret" or "kid:EdDSA:private key" (PKCS #8), both base64. */
export function signingKey(entry) {
  const [kid, algorithm, base64] = entry.split(":");
  const bytes = Buffer.from(base64, "base64");
  const key = algorithm === "HS256" ? createSecretKey(bytes) : createPrivateKey({ key: bytes, format: "der", type: "pkcs8" });
  return { kid, algorithm, key };
}

/** `claims`: `aud` is the portal's address, `customer` whom it is for; scopes, return_url, locale and so on as needed. */
export function portalToken({ kid, algorithm, key }, claims) {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: algorithm, kid, typ: "JWT" };
  const payload = { iat: now, exp: now + 300, jti: randomUUID(), ...claims };
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = algorithm === "HS256" ? createHmac("sha256", key).update(text).digest() : sign(null, Buffer.from(text), key);
  return `${text}.${signature.toString("base64url")}`;
}
