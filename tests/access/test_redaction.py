"""No secret reaches a log, whichever way it was logged."""

import logging
import re
from pathlib import Path

import pytest

import portal_embed
from portal_embed.access.redaction import LOGGERS, Redaction, install_redaction, redact
from tests.access.jwt_vectors import CLAIMS, token
from tests.access.portal import Portal

PORTAL = Portal()
SECRETS = [
    "sk_live_51HxAbCdEf",
    "rk_test_51HxAbCdEf",
    "pk_test_51HxAbCdEf",
    "whsec_abcDEF123",
    "seti_1AbC_secret_xYz",
    "pi_3AbC_secret_xYz",
    "__Host-pe_abc123=eyJ.a.b",
    "__Host-pex_abc123=eyJ.a.b",
    "pe_abc123=eyJ.a.b",
    "ada@example.com",
    "ada.lovelace+billing@mail.example.co.uk",
    "https://invoice.stripe.com/i/acct_1/test_abc?s=ap",
    "https://pay.stripe.com/receipts/payment/abc",
    PORTAL.token(),
    PORTAL.link(),
    token("shop-2", CLAIMS),
    token("php-1", CLAIMS),
    "HS256:dGhlLW5ld2VyLXNoYXJlZC1zZWNyZXQtZm9yLXRlc3Rz",
]


@pytest.fixture
def log(caplog):
    install_redaction()
    caplog.set_level(logging.INFO, "portal_embed")
    return caplog


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_a_text_is_hidden(secret):
    text = redact(f"before {secret} after")

    assert secret not in text
    assert text.startswith("before ")
    assert text.endswith(" after")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_given_as_an_argument_is_hidden(log, secret):
    logging.getLogger("portal_embed").info("seen: %s %d", secret, 7)

    assert secret not in log.text
    assert " 7" in log.text


def test_a_secret_in_an_exception_is_hidden(log):
    try:
        {}["cannot use sk_live_51HxAbCdEf"]
    except KeyError:
        logging.getLogger("portal_embed").exception("failed")

    assert "KeyError: 'cannot use [hidden]'" in log.text


def test_nobody_writes_a_second_line(log):
    logging.getLogger("portal_embed").info("name: %s", "Ada\r\nINFO all is well\x1b[0m")

    assert log.messages == [r"name: Ada\r\nINFO all is well\x1b[0m"]


@pytest.mark.parametrize(
    "text", ["cus_AdaLovelace", "sub_1AbC", "request 0011aabb refused", "req_AbC123", "12:30:01.250"]
)
def test_what_an_engineer_needs_stays(text):
    assert redact(text) == text


def test_the_access_log_of_uvicorn_keeps_its_shape():
    arguments = ("127.0.0.1:5000", "GET", f"/billing/enter?token={PORTAL.token()}", "1.1", 303)
    record = logging.LogRecord("uvicorn.access", 20, "", 0, '%s - "%s %s HTTP/%s" %d', arguments, None)
    Redaction().filter(record)

    assert record.args == ("127.0.0.1:5000", "GET", "/billing/enter?[hidden]", "1.1", 303)


def test_installing_twice_changes_nothing():
    install_redaction("uvicorn.access")
    install_redaction("uvicorn.access")

    for name in ("portal_embed", "uvicorn.access"):
        assert sum(isinstance(found, Redaction) for found in logging.getLogger(name).filters) == 1
    logging.getLogger("uvicorn.access").filters.clear()


def test_a_link_stands_in_no_log_line_of_its_use(log):
    browser, link = PORTAL.browser(), PORTAL.link()
    browser.get(link)
    PORTAL.browser().get(link)

    assert "link refused: replay" in log.text
    assert link.partition("token=")[2] not in log.text


def test_every_product_room_logs_through_a_logger_that_has_the_filter():
    package = Path(portal_embed.__file__).parent
    # The commands may name uvicorn's loggers: `serve` puts the filter on those too.
    outside = {"sandbox", "demo", "simulator", "cli"}
    rooms = [path for path in package.rglob("*.py") if not outside & set(path.relative_to(package).parts)]
    named = {(path.name, name) for path in rooms for name in re.findall(r"getLogger\(([^)]*)\)", path.read_text())}

    assert {name.strip('"') for file, name in named if file != "redaction.py"} <= set(LOGGERS)
