"""The locales a session may ask for: those of `billing_portal.Session.locale` (Stripe API 2026-10-28.endive)."""

LOCALES = frozenset(
    "auto bg cs da de el en en-AU en-CA en-GB en-IE en-IN en-NZ en-SG es es-419 et fi fil fr fr-CA hr hu id it ja ko "
    "lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW".split()
)
