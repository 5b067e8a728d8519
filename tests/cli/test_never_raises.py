"""Whatever a server sends, the rules have a sentence for it and no traceback."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal_embed.cli.outside.arriving import embed_findings, file_findings, form_findings, page_findings
from portal_embed.cli.outside.asking import Answer
from portal_embed.cli.outside.headers import header_findings
from portal_embed.cli.outside.hosting import host_findings, permission_findings
from portal_embed.cli.outside.page import read_page
from portal_embed.cli.outside.policies import framed_by
from portal_embed.cli.outside.reaching import misplaced, why_not
from tests.properties import WITHOUT_A_CLOCK

ADDRESS = "https://shop.example/billing"
NAMES = [
    *("content-security-policy", "permissions-policy", "x-frame-options", "referrer-policy", "cache-control"),
    *("location", "content-type", "etag", "hx-redirect", "cross-origin-embedder-policy", "www-authenticate"),
]
BROKEN = [
    *("http://[", "https://a:port/", "http://a:99999999999", "\x1b[2J", "\u202e", "", ",;,", "script-src", "'nonce-"),
    *("script-src 'nonce-n'", "script-src 'nonce-n'; frame-ancestors http://[ https:", "max-age=99999999999999999999"),
    *("payment=(", "sandbox", "frame-ancestors", "frame-src http://[ *:* x:1:2 https://a:0/%"),
    *("camera=(), microphone=(), geolocation=(), usb=(), payment=(self", "default-src http://a:999999999"),
]
values = st.one_of(st.sampled_from(BROKEN), st.text(max_size=30))
PAGES = [
    "<script nonce=n src='http://['></script><billing-portal token-url='http://['><meta http-equiv=content-security-policy>",
    "<link href='http://[/static/0123456789abcdef/css/portal.css'><p id=portal-page data-frame='http://[ x'>",
    "<title><![CDATA[<!x<?",
]
answers = st.builds(
    Answer,
    url=st.just(f"{ADDRESS}/x.js"),
    status=st.sampled_from([200, 301, 401, 403, 404, 500]),
    headers=st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=6).map(tuple),
    body=st.one_of(st.sampled_from(PAGES), st.text(max_size=40)).map(str.encode),
)


OURS, THEIRS = "script-src 'nonce-n'; frame-ancestors http://[", "frame-ancestors 'self'"


@settings(WITHOUT_A_CLOCK, max_examples=60)
@given(answers)
@example(Answer(f"{ADDRESS}/", 401, (("content-security-policy", f"{OURS}, {THEIRS}"),), b"<script nonce=n></script>"))
@example(Answer(f"{ADDRESS}/", 302, (("location", "http://["),), b""))
def test_whatever_is_sent_there_are_sentences(answer):
    page = read_page(answer.text)
    findings = [
        why_not(answer, ADDRESS),
        misplaced(answer, ADDRESS),
        *header_findings(answer, page, ADDRESS),
        *page_findings(answer, answer),
        *file_findings(answer, "0" * 16),
        *embed_findings(answer, "0" * 16),
        *form_findings(answer, ADDRESS, answer),
        *permission_findings(ADDRESS, framed_by(answer, page)),
        *host_findings(answer, ADDRESS, framed_by(answer, page)),
    ]

    for finding in findings:
        assert finding is None or finding.sentence.isprintable()
