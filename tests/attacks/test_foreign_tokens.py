"""Who has no key of a host's makes no JWT that opens anything, and who has one opens no more than a host of ours could."""

from __future__ import annotations

import logging
import time
import uuid

import pytest

from portal_embed.access.cookies import cookie_name
from tests.access import jwt_vectors as forge
from tests.pages.postbox import Postbox
from tests.pages.test_logins import code_in
from tests.pages.visitor import NAVIGATION
from tests.serving import hosting

KEYS = tuple(key["verifies"] for key in forge.entries())
SHOP = "https://shop.example.com"


@pytest.fixture
def skew():
    """Seconds by which the portal's clock and the host's are ahead of ours."""
    return [0.0]


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def host(world, skew, postbox):
    trusted = {"jwt_keys": KEYS, "embed_origins": (SHOP, "https://other.example.com")}
    with hosting(world, clock=lambda: time.time() + skew[0], mail=postbox.deliver, **trusted) as served:
        served.now = lambda: int(time.time() + skew[0])
        postbox.host = served
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def said(host, ada):
    """What a host of another language says of Ada: `said(scopes="view")`."""

    def claims(**changes):
        now = host.now()
        plain = {"iat": now, "exp": now + 300, "jti": str(uuid.uuid4()), "aud": host.portal.config.base_url}
        return {**plain, "customer": ada["customer"], **changes}

    return claims


@pytest.fixture
def link(host, said):
    """The link of a host that holds a key: `link(scopes="view")`."""

    def make(kid="shop-2", **changes):
        return link_with(host, forge.token(kid, said(**changes)))

    return make


def link_with(host, token):
    return f"{host.origin}{host.path}/enter?token={token}"


def forgeries(claims):
    """By name, what somebody without a key can make of claims that are right in everything."""
    header, ed = {"alg": "HS256", "kid": "shop-2", "typ": "JWT"}, {"alg": "HS256", "kid": "php-1", "typ": "JWT"}
    theirs = b"a secret of the stranger's own, long enough"
    body = forge.hs256(header, theirs, claims)
    return {
        "nothing signed": forge.unsigned({**header, "alg": "none"}, claims) + ".",
        "the algorithm left out": forge.unsigned({"kid": "shop-2"}, claims) + ".",
        "a secret of their own": body,
        "a name of their own for it": forge.hs256({**header, "kid": "mallory"}, theirs, claims),
        "no name for it": forge.hs256({"alg": "HS256"}, theirs, claims),
        "the public key as a secret": forge.hs256(ed, forge.spki(forge.PUBLIC), claims),
        "its bare bytes": forge.hs256(ed, forge.spki(forge.PUBLIC)[-32:], claims),
        "a pair of their own": forge.eddsa({**ed, "alg": "EdDSA"}, forge.STRANGER, claims),
        "the secret of every tutorial": forge.hs256(header, b"your-256-bit-secret", claims),
        "the signature of another": body.rpartition(".")[0]
        + "."
        + forge.token("shop-2", forge.CLAIMS).rpartition(".")[2],
    }


class TestWithoutAKey:
    @pytest.mark.parametrize("name", sorted(forgeries({})))
    def test_nothing_opens_and_the_page_says_nothing_about_why(self, host, visit, said, link, name):
        expired = visit().get(link(iat=host.now() - 900, exp=host.now() - 600))
        claims = said()
        stranger = visit()
        refused = stranger.get(link_with(host, forgeries(claims)[name]))
        assert refused.status == expired.status == 400
        words, _, reference = refused.text.partition("Reference ")
        assert reference
        assert words == expired.text.partition("Reference ")[0]
        assert not stranger.client.cookies
        assert stranger.get("/").status == 401
        # What was forged was not used up: the true one still opens.
        visit().enter(link_with(host, forge.token("shop-2", claims)))

    def test_a_true_link_of_another_portal_opens_nothing(self, world, host, visit, said):
        with hosting(world, jwt_keys=KEYS) as other:
            true = forge.token("shop-2", said())
            assert visit(at=other).get(link_with(other, true)).status == 400
            visit().enter(link_with(host, true))

    def test_a_portal_that_was_given_no_key_takes_none(self, world, visit, said):
        with hosting(world) as other:
            token = forge.token("shop-2", said(aud=other.portal.config.base_url))
            assert visit(at=other).get(link_with(other, token)).status == 400


class TestASecondTime:
    @pytest.mark.parametrize("kid", ["shop-2", "php-1"])
    def test_it_opens_nothing(self, visit, link, kid):
        made = link(kid)
        visit().enter(made)
        assert visit().get(made).status == 400

    def test_nor_with_other_words_or_another_key_under_the_same_id(self, visit, link):
        one = str(uuid.uuid4())
        visit().enter(link(jti=one))
        assert visit().get(link(jti=one, scopes="view")).status == 400
        assert visit().get(link("php-1", jti=one)).status == 400

    def test_nor_once_it_would_be_forgotten_but_for_the_clocks(self, visit, link, skew):
        made = link()
        visit().enter(made)
        for later in (299, 10):
            skew[0] += later
            assert visit().get(made).status == 400

    @pytest.mark.parametrize(
        "headers", [{"Sec-Purpose": "prefetch"}, {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}]
    )
    def test_a_look_ahead_does_not_use_it_up(self, visit, link, headers):
        made = link()
        assert visit().ask("GET", made, headers={**NAVIGATION, **headers}).status_code == 400
        visit().enter(made)


class TestWithAKey:
    def test_a_session_that_may_look_changes_nothing(self, visit, link, ada, books):
        cancellation = f"/subscriptions/{ada['subscription']}/cancellation"
        form = visit().enter(link()).get(cancellation).form("/cancellation")
        onlooker = visit().enter(link(scopes="view"))
        page = onlooker.get("/invoices")
        assert page.status == 200
        assert onlooker.get(cancellation).status in {403, 404}
        own = next(form.fields["_csrf"] for form in page.forms if "_csrf" in form.fields)
        assert onlooker.submit(form, _csrf=own).status in {403, 404}
        assert books.subscription(ada["subscription"]).cancel_at is None

    def test_a_deep_link_opens_its_one_thing(self, visit, link):
        browser = visit().enter(link(flow_data={"type": "payment_method_update"}))
        assert browser.get("/flow").status == 200
        assert browser.get("/invoices").status == browser.get("/details").status == 404

    def test_a_recovery_is_made_by_its_own_link_only(self, visit, link):
        assert visit().get(link(flow_data={"type": "recovery"})).status == 400

    def test_an_expired_link_is_had_anew_where_its_host_allowed_that_and_by_the_customers_mail_alone(
        self, host, visit, link, postbox
    ):
        times = {"iat": host.now() - 900, "exp": host.now() - 600}
        assert not visit().get(link(**times)).leads_to("/login/renewal")
        browser = visit()
        expired = browser.get(link(**times, scopes="view", after_expiration={"type": "customer_login"}))
        page = browser.submit(expired.form("/login/renewal"))
        assert postbox.last().to == "ada@example.com"
        assert browser.get("/").status == 401
        overview = browser.submit(page.form("/login/code"), code=code_in(postbox.last()))
        assert overview.status == 200
        assert "Read-only view" in overview.text

    @pytest.mark.parametrize("by", ["customer", "host_session"])
    def test_what_the_host_ended_stays_ended(self, host, visit, link, ada, skew, by):
        browser, unused = visit().enter(link(host_session="laptop")), link(host_session="laptop")
        host.portal.end_sessions(**{by: {"customer": ada["customer"], "host_session": "laptop"}[by]})
        assert browser.get("/").status == 401
        assert visit().get(unused).status == 400
        skew[0] += 1
        visit().enter(link(host_session="laptop"))

    def test_a_form_opens_it_from_the_origin_it_names_and_no_other(self, host, visit, said):
        token = forge.token("shop-2", said(embed_origin=SHOP))

        def post(origin):
            headers = {**NAVIGATION, "Origin": origin, "Sec-Fetch-Site": "cross-site"}
            return visit().ask("POST", "/session", data={"token": token}, headers=headers).status_code

        assert [post("https://evil.example"), post("https://other.example.com"), post(SHOP), post(SHOP)] == [
            400,
            400,
            303,
            400,
        ]


class TestAtOtherDoors:
    def test_it_is_no_session(self, host, visit, said):
        config = host.portal.config
        token = forge.token("shop-2", said())
        browser = visit()
        for name in (cookie_name(config), cookie_name(config, framed=True)):
            browser.client.cookies.set(name, token)
        assert browser.get("/").status == 401
        assert visit().ask("GET", "/", headers={**NAVIGATION, "X-Portal-Session": token}).status_code == 401

    @pytest.mark.parametrize("path", ["/recover/{}", "/login/link?token={}", "/email-change?token={}"])
    def test_it_opens_no_door_of_a_mail(self, visit, said, path):
        assert visit().get(path.format(forge.token("shop-2", said()))).status in {400, 404}

    @pytest.mark.parametrize("field", ["_csrf", "_op"])
    def test_it_proves_no_form(self, visit, link, said, ada, books, field):
        browser = visit().enter(link())
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        browser.submit(form, **{field: forge.token("shop-2", said())})
        assert books.subscription(ada["subscription"]).cancel_at is None
        browser.submit(form)
        assert books.subscription(ada["subscription"]).cancel_at


@pytest.mark.parametrize("kid", ["shop-2", "php-1"])
def test_no_token_and_no_key_is_written_to_the_log(host, visit, said, caplog, kid):
    caplog.set_level(logging.DEBUG, logger="portal_embed")
    changes = [
        {},
        {"scope": "view"},
        {"locale": "ada@example.com"},
        {"exp": 0},
        {"return_url": "https://evil.example/?token=x"},
    ]
    made = [forge.token(kid, said(**change)) for change in changes]
    for token in (*made, made[0], *forgeries(said()).values()):
        visit().get(link_with(host, token))
    parts = [part for token in made for part in token.split(".")[1:]]
    secrets = [key[role].rpartition(":")[2] for key in forge.entries() for role in ("verifies", "signs")]
    secrets += [secret.decode() for secret in forge.SECRETS.values()]
    assert "opened" in caplog.text
    assert "link refused: replay" in caplog.text
    assert [word for word in (*parts, *secrets, "ada@example.com") if word in caplog.text] == []
