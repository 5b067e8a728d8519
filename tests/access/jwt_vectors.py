"""The test vectors of the JWT form of the handover token: `python -m tests.access.jwt_vectors` writes `vectors/jwt.json`.

Made with hmac and cryptography alone, knowing neither the product nor its JWT library, for implementations in any language: what
to accept at the second `now` with these keys, and what to refuse, with the word that the portal's log has for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

FILE = Path(__file__).parent / "vectors" / "jwt.json"
PORTAL = "https://app.example.com/billing"
NOW = 1_800_000_000
SECRETS = {"shop-1": b"the-older-shared-secret-for-tests", "shop-2": b"the-newer-shared-secret-for-tests"}
PRIVATE = {"php-1": Ed25519PrivateKey.from_private_bytes(bytes(range(32)))}
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PORTALS_OWN = b"the-newer-signing-key-of-this-portal-0002"
"""What the portal of the tests signs its own tokens with."""
PUBLIC = PRIVATE["php-1"].public_key()
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of Ed25519's group: S and S + ORDER are the same number to a careless verifier."""

CLAIMS = {
    "iat": NOW,
    "exp": NOW + 300,
    "jti": "3b1f0f6e-6f0c-4f0e-9f5e-1c9a5a2f7d10",
    "aud": PORTAL,
    "customer": "cus_AdaLovelace",
}
CANCEL = {"type": "subscription_cancel", "subscription_cancel": {"subscription": "sub_1AdaPro"}}
LEFT_OUT = object()


def main() -> None:
    FILE.write_text(text(), encoding="utf-8")


def text() -> str:
    """The whole file."""
    vectors = {"portal": PORTAL, "now": NOW, "keys": entries(), "accept": accept(), "refuse": refuse()}
    return json.dumps(vectors, indent=2, ensure_ascii=False) + "\n"


def entries() -> list[dict]:
    """Each as the portal gets it (`PORTAL_JWT_KEYS`), and as the host does."""
    found = []
    for kid, secret in SECRETS.items():
        entry = f"{kid}:HS256:{base64.b64encode(secret).decode()}"
        found.append({"verifies": entry, "signs": entry})
    for kid, private in PRIVATE.items():
        pkcs8 = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        found.append(
            {
                "verifies": f"{kid}:EdDSA:{base64.b64encode(spki(private.public_key())).decode()}",
                "signs": f"{kid}:EdDSA:{base64.b64encode(pkcs8).decode()}",
            }
        )
    return found


def accept() -> list[dict]:
    """`says`: what the portal makes of it, where it is more than the claims' own words."""

    def vector(name, kid="shop-2", says=None, **changes):
        claims = changed(changes)
        return {"name": name, "kid": kid, "claims": claims, "token": token(kid, claims), "says": says or {}}

    everything = {
        "scopes": ["invoices:read", "invoices:pay"],
        "return_url": "https://shop.example.com/konto?tab=rechnung",
        "locale": "de",
        "configuration": "bpc_1Trial",
        "actor": "Žofie №42",
        "host_session": "3f9c",
        "customers": ["cus_Babbage1", "cus_AdaLovelace"],
        "embed_origin": "https://shop.example.com",
        "stripe_account": "acct_1European",
        "on_behalf_of": "acct_1Connected",
    }
    whole = {
        "customer": "cus_AdaLovelace",
        "account": "acct_1European",
        "scopes": ["invoices:pay", "invoices:read"],
        "customers": ["cus_AdaLovelace", "cus_Babbage1"],
        **{
            name: everything[name]
            for name in ("return_url", "locale", "configuration", "actor", "embed_origin", "on_behalf_of")
        },
    }
    after = {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Schade – bis bald 🌱"}}
    return [
        vector("the least there is to say", says={"customer": "cus_AdaLovelace", "scopes": "everything"}),
        vector("the same with the older key", "shop-1"),
        vector("the same with Ed25519", "php-1", says={"customer": "cus_AdaLovelace", "scopes": "everything"}),
        vector("everything at once", says=whole, **everything),
        vector("everything at once with Ed25519", "php-1", says=whole, **everything),
        vector("a role", says={"scopes": "reading"}, scopes="view"),
        vector(
            "a deep link",
            "php-1",
            says={"flow": "subscription_cancel"},
            flow_data={**CANCEL, "after_completion": after},
        ),
        vector(
            "a customer that is an Account",
            says={"customer": "acct_1AdaLovelace", "customer_account": "acct_1AdaLovelace"},
            customer=LEFT_OUT,
            customer_account="acct_1AdaLovelace",
        ),
        vector("a link to be had anew", after_expiration={"type": "customer_login"}),
        vector("a list of one audience", aud=[PORTAL]),
        vector("nbf, as some libraries write it", nbf=NOW),
        vector("a host whose clock is 10 seconds ahead", iat=NOW + 10, exp=NOW + 310, nbf=NOW + 10),
        vector("expired 9 seconds ago by our clock", iat=NOW - 309, exp=NOW - 9),
        vector("one second of life", exp=NOW + 1),
    ]


def refuse() -> list[dict]:
    return [
        {"name": name, "reason": reason, "token": made}
        for made, reason, name in [*_algorithms(), *_headers(), *_spellings(), *_claims(), *_documents()]
    ]


def _algorithms():
    good = token("shop-2", CLAIMS)
    for name in ("none", "None", "NONE", "nOnE", ""):
        yield unsigned({"alg": name, "kid": "shop-2"}) + ".", "algorithm", f"alg {name!r} without a signature"
        yield (
            unsigned({"alg": name, "kid": "php-1"}) + ".",
            "algorithm",
            f"alg {name!r} without a signature, Ed25519 key",
        )
    yield (
        unsigned({"alg": "none", "kid": "shop-2"}) + "." + good.rpartition(".")[2],
        "algorithm",
        "alg none, yet signed",
    )
    secrets = {
        "the 32 bytes": PUBLIC.public_bytes(Encoding.Raw, PublicFormat.Raw),
        "the DER": spki(PUBLIC),
        "the PEM": PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "the base64 of the DER": base64.b64encode(spki(PUBLIC)),
    }
    for name, secret in secrets.items():
        yield (
            hs256({"alg": "HS256", "kid": "php-1"}, secret),
            "algorithm",
            f"HS256 with {name} of the public key as secret",
        )
        yield hs256({"alg": "EdDSA", "kid": "php-1"}, secret), "signature", f"the same, called EdDSA: {name}"
    yield eddsa({"alg": "EdDSA", "kid": "shop-2"}, PRIVATE["php-1"]), "algorithm", "EdDSA under the kid of a secret"
    yield eddsa({"alg": "HS256", "kid": "php-1"}, PRIVATE["php-1"]), "algorithm", "an Ed25519 signature called HS256"
    for name in ("HS384", "HS512", "RS256", "PS256", "ES256", "ES256K", "Ed25519", "hs256", "HS256 "):
        yield hs256({"alg": name, "kid": "shop-2"}), "algorithm", f"alg {name!r}"
    yield hs256({"alg": "HS256", "kid": "shop-2"}, SECRETS["shop-1"]), "signature", "another of our secrets"
    yield hs256({"alg": "HS256", "kid": "shop-2"}, PORTALS_OWN), "signature", "the key of the portal's own tokens"
    yield hs256({"alg": "HS256", "kid": "shop-2"}, b""), "signature", "an empty secret"
    yield (
        hs256({"alg": "HS256", "kid": "shop-2"}, base64.b64encode(SECRETS["shop-2"])),
        "signature",
        "the secret's base64",
    )
    yield eddsa({"alg": "EdDSA", "kid": "php-1"}, STRANGER), "signature", "a stranger's Ed25519 key"
    head, _, signature = eddsa({"alg": "EdDSA", "kid": "php-1"}, PRIVATE["php-1"]).rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    malleable = raw[:32] + (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little")
    yield f"{head}.{b64(malleable)}", "signature", "an Ed25519 signature with S plus the order of the group"
    yield f"{head}.{b64(bytes(64))}", "signature", "an Ed25519 signature of nothing but zeros"
    yield f"{head}.{b64(raw[:63])}", "signature", "an Ed25519 signature too short"
    yield f"{head}.{b64(raw + bytes(1))}", "signature", "an Ed25519 signature too long"


def _headers():
    good = {"alg": "HS256", "kid": "shop-2", "typ": "JWT"}
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(STRANGER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))}
    brought = {
        "jwk": jwk,
        "jku": "https://evil.example/keys.json",
        "x5u": "https://evil.example/chain.pem",
        "x5c": ["MIIB"],
        "crit": ["exp"],
        "zip": "DEF",
        "b64": False,
        "cty": "JWT",
        "customer": "cus_AdaLovelace",
    }
    for name, value in brought.items():
        yield hs256({**good, name: value}), "header", f"{name} in the header"
    yield eddsa({"alg": "EdDSA", "kid": "php-1", "jwk": jwk}, STRANGER), "header", "a key of the token's own"
    for name, value in {"typ": "at+jwt", "typ ": "JWT", "kid": None, "alg": None}.items():
        yield hs256({**good, name: value}), "header", f"{name!r} is {value!r}"
    for typ in ("jwt", "JWS", None, 1):
        yield hs256({**good, "typ": typ}), "header", f"typ is {typ!r}"
    for kid in (7, ["shop-2"], {"kid": "shop-2"}, True):
        yield hs256({**good, "kid": kid}), "header", f"kid is {kid!r}"
    for alg in (7, ["HS256"], True):
        yield hs256({**good, "alg": alg}), "header", f"alg is {alg!r}"
    for kid in ("", "shop-3", "SHOP-2", "shop-2 ", "../../dev/null", "x' UNION SELECT 'key", "shop-2\x00"):
        yield hs256({**good, "kid": kid}), "key", f"kid {kid!r} is nobody's"
    for missing in ("alg", "kid"):
        yield hs256({name: value for name, value in good.items() if name != missing}), "header", f"no {missing}"
    for twice in ('{"alg":"none","alg":"HS256","kid":"shop-2"}', '{"alg":"HS256","kid":"php-1","\\u006bid":"shop-2"}'):
        yield hs256(twice), "header", f"a name twice: {twice}"
    for document in ("[]", '"HS256"', "7", "null", "{", "", "\ufeff" + json.dumps(good)):
        if document:
            yield hs256(document), "header", f"the header is {document!r}"
    yield hs256(json.dumps(good).encode("utf-16")), "header", "the header is UTF-16"
    yield hs256('{"alg":' + "[" * 2500 + "]" * 2500 + "}"), "header", "a header of brackets"


def _spellings():
    good = token("shop-2", CLAIMS)
    head, body, signature = good.split(".")
    for extra in ("=", "==", ".", "..", " ", "\n", "\r\n", "\x00", "!", "ä", "%3D"):
        yield good + extra, "format", f"{extra!r} at the end"
        yield extra + good, "format", f"{extra!r} at the beginning"
    yield f"{head}=.{body}.{signature}", "format", "padding in the middle"
    yield f"{head}.{body}", "format", "two parts"
    yield f"{head}.{body}.", "signature", "no signature"
    yield f"{head}..{signature}", "format", "no claims"
    yield f".{body}.{signature}", "signature", "no header: the form of the portal's own tokens"
    yield f"{head}.{body}.{signature}.{signature}", "format", "four parts"
    yield f"{head}.{body}.{signature}.{signature}.{signature}", "format", "five parts, as encrypted ones have"
    yield f"{head}.{body}.{signature}A", "signature", "one character more of signature"
    yield f"{head}.{body}.{signature}AAAA", "signature", "three more bytes"
    yield f"{head}.{body}.{signature[:-4]}", "format", "39 characters of signature"
    yield f"{head}.{body}.{respelled(signature)}", "format", "the same signature spelled otherwise"
    yield f"{head}.{body}.{signature[:-1]}+", "format", "a character of the other base64"
    other = token("shop-2", {**CLAIMS, "customer": "cus_MalloryMallet"}).split(".")[1]
    yield f"{head}.{other}.{signature}", "signature", "another's claims under this signature"
    ed = token("php-1", CLAIMS).split(".")
    yield f"{ed[0]}.{body}.{signature}", "signature", "the header of another key"
    yield token("shop-2", {**CLAIMS, "actor": "a" * 8192}), "format", "longer than 8192 characters"


def _claims():
    """Signed as it should be, so that only what it says is wrong."""
    for reason, name, values in (*_wrong_of_the_standard(), *_wrong_of_ours()):
        for value in values:
            yield token("shop-2", changed({name: value})), reason, f"{name} is {shown(value)}"
    for reason, name, changes in _wrong_times():
        yield token("shop-2", changed(changes)), reason, name
    for name in "scope role sub iss cus v us live livemode ttl now jwt expand config Customer".split():
        yield token("shop-2", changed({name: "view"})), "claims", f"an unknown claim: {name}"
    two = {"customer_account": "acct_1AdaLovelace"}
    yield token("shop-2", changed(two)), "customer", "two names for whom it is for"
    no_account = {"customer": LEFT_OUT, "customer_account": "cus_AdaLovelace"}
    yield token("shop-2", changed(no_account)), "customer_account", "no Account"


def _wrong_of_the_standard():
    others = [
        f"{PORTAL}/",
        PORTAL[:-1],
        PORTAL.upper(),
        "https://app.example.com",
        "",
        [],
        [PORTAL, PORTAL + "2"],
        ["x"],
    ]
    yield "audience", "aud", others
    yield "claims", "aud", [LEFT_OUT, None, 7, {"portal": PORTAL}, [[PORTAL]]]
    for name in ("iat", "exp", "nbf"):
        yield "claims", name, [None, str(NOW), NOW + 0.5, float(NOW), True, [NOW]]
    for name in ("iat", "exp", "jti"):
        yield "claims", name, [LEFT_OUT]
    yield "claims", "jti", ["", "short", "a" * 21, "a" * 65, "ä" * 22, "a" * 22 + "/", None, 7]


def _wrong_times():
    yield "lifetime", "301 seconds of life", {"exp": NOW + 301}
    yield "lifetime", "a day of life", {"exp": NOW + 86_400}
    yield "lifetime", "expires when it begins", {"exp": NOW}
    yield "lifetime", "expires before it begins", {"exp": NOW - 1}
    yield "lifetime", "a number beyond all times", {"exp": 10**30}
    yield "lifetime", "from the future", {"iat": NOW + 11, "exp": NOW + 300}
    yield "lifetime", "not yet", {"nbf": NOW + 11}
    yield "lifetime", "before 1970", {"iat": -100, "exp": 100}
    yield "expired", "expired 10 seconds ago", {"iat": NOW - 310, "exp": NOW - 10}
    yield "expired", "an hour ago", {"iat": NOW - 3600, "exp": NOW - 3300}


def _wrong_of_ours():
    texts = "customer customer_account return_url locale configuration actor host_session embed_origin stripe_account".split()
    for name in (*texts, "on_behalf_of"):
        yield "claims", name, [None, 7, True, ["view"], {"id": "cus_AdaLovelace"}]
    for name in ("customers", "flow_data", "after_expiration"):
        yield "claims", name, [None, 7, "cus_AdaLovelace"]
    yield "claims", "scopes", [None, 7, True, {"view": True}, ["view", 7], [None], [["view"]]]
    yield "scopes", "scopes", [[], "", "everything", "invoices:read invoices:pay", ["invoices:*"], ["view", "admin"]]
    ids = ["", "cus_", "sub_123456", "acct_123456", "cus_12345\n", 'cus_12345"', "cus_" + "a" * 65]
    yield "customer", "customer", [LEFT_OUT, *ids]
    bad_urls = ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", "", "account"]
    yield "return_url", "return_url", bad_urls
    yield "locale", "locale", ["xx", "../../etc", ""]
    yield "configuration", "configuration", ["trial", "BPC_1", "", "../bpc_1"]
    yield "actor", "actor", ["", "line\nbreak", "a" * 129]
    yield "host_session", "host_session", [""]
    yield "customers", "customers", [["cus_Mallory", "acct_1"], [f"cus_Many{number:04}" for number in range(20)]]
    yield "embed_origin", "embed_origin", ["https://evil.example", "*", "", "https://shop.example.com/"]
    yield "stripe_account", "stripe_account", ["cus_AdaLovelace", "", "acct_1\n"]
    yield "on_behalf_of", "on_behalf_of", ["cus_AdaLovelace", ""]
    pause = {"type": "subscription_pause", "subscription_pause": {"subscription": "sub_1AdaPro", "duration": "1 month"}}
    away = {**CANCEL, "after_completion": {"type": "redirect", "redirect": {"return_url": "https://evil.example/"}}}
    yield "flow_data", "flow_data", [{}, {"type": "recovery"}, pause, {"type": "subscription_cancel"}, away]
    past = {"type": "customer_login", "customer_login": {"expires_at": -5}}
    yield "after_expiration", "after_expiration", [{}, {"type": "forever"}, past]


def _documents():
    header = {"alg": "HS256", "kid": "shop-2", "typ": "JWT"}
    whole = compact(CLAIMS)
    documents = {
        "a customer twice": whole[:-1] + ',"customer":"cus_MalloryMallet"}',
        "a customer twice, spelled otherwise": whole[:-1] + ',"\\u0063ustomer":"cus_MalloryMallet"}',
        "a name twice in what is inside": whole[:-1]
        + ',"flow_data":{"type":"customer_update","type":"customer_update"}}',
        "a list": f"[{whole}]",
        "a text": json.dumps(whole),
        "null": "null",
        "no JSON": "customer=cus_AdaLovelace",
        "one bracket too many": whole + "}",
        "two of them": whole + whole,
        "UTF-16": whole.encode("utf-16"),
        "a byte order mark": "\ufeff" + whole,
        "half a character": whole[:-1] + ',"actor":"\\ud800"}',
        "bytes that are no text": whole.encode()[:-1] + b',"actor":"\xff"}',
        "not a number": whole[:-1] + ',"nbf":NaN}',
        "brackets without end": whole[:-1] + ',"flow_data":{"type":' + "[" * 2500 + "]" * 2500 + "}}",
    }
    for name, document in documents.items():
        yield hs256(header, payload=document), "claims", f"the claims are {name}"


# ---- Signing ---------------------------------------------------------------------------------------------------------


def token(kid, claims):
    """Signed as a host does: compact JSON in UTF-8, header names in this order."""
    if kid in PRIVATE:
        return eddsa({"alg": "EdDSA", "kid": kid, "typ": "JWT"}, PRIVATE[kid], claims)
    return hs256({"alg": "HS256", "kid": kid, "typ": "JWT"}, SECRETS[kid], claims)


def hs256(header, secret=SECRETS["shop-2"], payload=CLAIMS):
    start = unsigned(header, payload)
    return f"{start}.{b64(hmac.digest(secret, start.encode(), hashlib.sha256))}"


def eddsa(header, private, payload=CLAIMS):
    start = unsigned(header, payload)
    return f"{start}.{b64(private.sign(start.encode()))}"


def unsigned(header, payload=CLAIMS):
    return ".".join(b64(part if isinstance(part, bytes) else written(part).encode()) for part in (header, payload))


def written(part):
    return part if isinstance(part, str) else compact(part)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def spki(key) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def respelled(signature):
    """Another text for the same 32 bytes: the last character has two bits to spare."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + letters[letters.index(signature[-1]) + 1]


def changed(changes):
    return {name: value for name, value in {**CLAIMS, **changes}.items() if value is not LEFT_OUT}


def shown(value):
    return "left out" if value is LEFT_OUT else repr(value)[:80]


if __name__ == "__main__":
    main()
