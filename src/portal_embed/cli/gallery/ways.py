"""The ways to pages that no address leads to: what somebody types and presses first, and the sessions that links make."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from portal_embed.cli.gallery.people import People
    from portal_embed.cli.gallery.visit import Visit

    Life = dict[str, Any]
    Way = Callable[[Visit, Life, People], Awaitable[object]]


async def declined(visit: Visit, life: Life, _people: People) -> None:
    await visit.open(f"/invoices/{life['invoice']}/payment")
    await visit.press("/payment")


async def unconfirmed(visit: Visit, life: Life, people: People) -> None:
    await declined(visit, life, people)
    await visit.open(visit.page.seen.returns)


async def stale_form(visit: Visit, life: Life, _people: People) -> None:
    await visit.open(f"/subscriptions/{life['subscription']}/cancellation")
    await visit.press("/cancellation", _csrf="stale")


async def stripe_fails(visit: Visit, life: Life, people: People) -> None:
    await people.break_invoice(life["invoice"])
    await visit.open(f"/invoices/{life['invoice']}")


async def start_declined(visit: Visit, life: Life, _people: People) -> None:
    await visit.open(f"/plans/{life['prices']['pro_monthly']}/start")
    await visit.press("/start")


async def checkout(visit: Visit, life: Life, _people: People) -> None:
    await visit.open(f"/plans/{life['prices']['pro_monthly']}/start")
    await visit.press("/checkout")


async def canceled(visit: Visit, life: Life, _people: People) -> None:
    await visit.open(f"/subscriptions/{life['subscription']}/cancellation")
    await visit.press("/cancellation")


async def on_a_day(visit: Visit, life: Life, _people: People) -> None:
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=45)
    await visit.open(f"/subscriptions/{life['subscription']}/cancellation?when=on_date&date={day}")


async def changes_on_a_day(visit: Visit, life: Life, _people: People) -> None:
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)
    asked = f"price={life['prices']['scale_monthly']}&quantity=5&takes_effect=on_date&takes_effect_on={day}"
    await visit.open(f"/subscriptions/{life['subscription']}/plan?{asked}")


async def paid_ahead(visit: Visit, life: Life, _people: People) -> None:
    await visit.open(f"/subscriptions/{life['subscription']}/prepayment?periods=6")
    await visit.press("/prepayment")


async def no_reason(visit: Visit, life: Life, _people: People) -> None:
    await visit.open(f"/subscriptions/{life['subscription']}/cancellation")
    await visit.press("/cancellation", comment="We moved to another harbour.")


async def flow_done(visit: Visit, _life: Life, _people: People) -> None:
    await visit.press("/cancellation")


async def older(visit: Visit, _life: Life, _people: People) -> None:
    page = await visit.open("/invoices")
    (older,) = (link for link in page.seen.links if "starting_after" in link)
    await visit.open(visit.portal.config.origin + older)


async def card_form(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/payment-methods")
    await visit.press("/payment-methods/new", lambda form: "replaces" not in form.fields)


async def replace_form(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/payment-methods")
    await visit.press("/payment-methods/new", lambda form: "replaces" in form.fields)


async def finish(visit: Visit, life: Life, people: People) -> None:
    await card_form(visit, life, people)
    intent = visit.page.seen.secret.partition("_secret")[0]
    await people.save_card(intent, visit.page.seen.returns)
    await visit.open(f"{visit.page.seen.returns}?setup_intent={intent}")


async def removal(visit: Visit, _life: Life, _people: People) -> None:
    page = await visit.open("/payment-methods")
    removals = [link for link in page.seen.links if link.endswith("/removal")]
    await visit.open(visit.portal.config.origin + removals[0])


async def contact_saved(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/details/contact")
    await visit.press("/details/contact")


async def contact_wrong(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/details/contact")
    await visit.press("/details/contact", name="", phone="call me")


async def japan(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/details/billing-address")
    await visit.press("/details/billing-address", country="JP", use_country="yes")


async def canada(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/details/tax-ids/new")
    await visit.press("/details/tax-ids/new", country="CA", use_country="yes")


async def tax_id_wrong(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/details/tax-ids/new")
    await visit.press("/details/tax-ids/new", country="CH", tax_id="")


async def email_asked(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/details/email")
    await visit.press("/details/email", email="new@example.com")


async def email_link(visit: Visit, life: Life, people: People) -> None:
    await email_asked(visit, life, people)
    await visit.follow_mail("email_confirmation")


async def login_wrong(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/login")
    await visit.press("/login", email="nobody")


async def code(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/login")
    await visit.press("/login", email="lin@example.com")


async def wrong_code(visit: Visit, life: Life, people: People) -> None:
    await code(visit, life, people)
    await visit.press("/login/code", code="BBBB-BBBB")


async def login_link(visit: Visit, life: Life, people: People) -> None:
    await code(visit, life, people)
    await visit.follow_mail("login_code")


async def renewal(visit: Visit, life: Life, _people: People) -> None:
    link = visit.portal.create_session(customer=life["customer"], after_expiration={"type": "customer_login"}).url
    await visit.open(link)
    await visit.press("/session/end")
    await visit.open(link)


async def recover(visit: Visit, life: Life, _people: People) -> None:
    await visit.open(visit.portal.create_recovery_link(customer=life["customer"]))


async def recovery(visit: Visit, life: Life, people: People) -> None:
    await recover(visit, life, people)
    await visit.press("", lambda form: "/recover/" in form.path)


async def recovery_asked(visit: Visit, _life: Life, _people: People) -> None:
    await visit.open("/recover")
    await visit.press("/recover", email="bob@example.com")


def types(code: str) -> Way:
    async def type_it(visit: Visit, life: Life, _people: People) -> None:
        await visit.open(f"/subscriptions/{life['subscription']}/promotion-code")
        await visit.press("/promotion-code", code=code)

    return type_it


async def code_used(visit: Visit, life: Life, people: People) -> None:
    await types("AUTUMN10")(visit, life, people)
    await visit.press("/discounts")


def flow(kind: str, **detail: Any) -> Callable[[Life], dict[str, Any]]:
    """A deep link's session about the life's subscription."""

    def session(life: Life) -> dict[str, Any]:
        about = {kind: {"subscription": life["subscription"], **detail}} if kind.startswith("subscription") else {}
        thanks = {
            "type": "hosted_confirmation",
            "hosted_confirmation": {"custom_message": "From all of us: thank you."},
        }
        return {"flow_data": {"type": kind, **about, "after_completion": thanks}}

    return session


def offering(life: Life) -> dict[str, Any]:
    return flow("subscription_cancel", retention={"type": "coupon_offer", "coupon_offer": {"coupon": life["coupon"]}})(
        life
    )


def confirming(life: Life) -> dict[str, Any]:
    items = [{"id": life["item"], "price": life["prices"]["pro_yearly"]}]
    return flow("subscription_update_confirm", items=items)(life)


def managing(life: Life) -> dict[str, Any]:
    return {"customers": [life["other"]]}
