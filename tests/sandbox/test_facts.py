"""From each fact that was recorded from Stripe's API to the tests that replay it.

The numbers are those of our notes on public recordings of the real API; the sandbox's ledger
(`portal-embed sandbox --truth`) cites the recordings themselves.
"""

from importlib import import_module

FACTS_IN = {1: 5, 2: 8, 3: 5, 4: 9, 5: 8, 6: 7, 7: 11, 8: 8, 9: 5, 10: 4, 11: 1, 12: 3, 13: 2, 14: 4, 15: 2, 16: 4}
"""How many facts each chapter of the notes has."""

REPLAYS = """
1.1 proration.each_line_is_rounded_alone_as_recorded proration.month_to_year_keeps_the_anchor_in_flexible_mode
1.2 proration.month_to_year_keeps_the_anchor_in_flexible_mode
1.3 proration.each_line_is_rounded_alone_as_recorded proration.a_proration_date_outside_the_period_is_refused
1.4 proration.each_line_is_rounded_alone_as_recorded
1.5 proration.flexible_mode_credits_what_was_billed_not_the_price_of_today
2.1 proration.the_credit_comes_first_and_the_words_are_stripes
2.1 proration.create_prorations_leaves_two_items_waiting_credit_first
2.2 proration.the_credit_comes_first_and_the_words_are_stripes recorded.a_line_has_its_unit_and_is_never_pluralised
2.2 recorded.a_trials_line_is_free_and_has_the_unit recorded.proration_lines_have_no_unit
2.2 recorded.a_one_off_line_is_named_as_its_product
2.3 proration.a_credit_line_names_the_old_price_and_the_lines_that_billed_it
2.4 recorded.a_normal_line_can_be_discounted_and_tells_its_price recorded.a_one_off_line_is_named_as_its_product
2.5 proration.create_prorations_leaves_two_items_waiting_credit_first
2.5 recorded.an_item_that_is_no_proration_has_nothing_of_one
2.6 proration.none_changes_the_price_and_bills_nothing
2.7 proration.always_invoice_charges_inside_the_call
2.8 proration.waiting_items_are_not_billed_by_another_subscription
3.1 proration.month_to_year_keeps_the_anchor_in_flexible_mode
3.2 proration.month_to_year_with_the_anchor_now_bills_a_full_normal_line
3.3 proration.the_anchor_alone_leaves_one_waiting_item_for_the_new_stretch
3.4 subscriptions.trial_end_now_does_nothing_outside_a_trial
3.5 recorded.a_month_is_a_calendar_month
4.1 recorded.a_subscription_has_the_keys_that_were_seen_in_their_order
4.1 subscriptions.subscriptions_and_invoices_match_the_sdks_annotations
4.2 recorded.a_subscription_has_the_keys_that_were_seen_in_their_order
4.3 recorded.the_items_of_a_subscription_are_a_list_with_a_count
4.4 proration.a_new_item_in_mid_period_starts_with_the_subscriptions_period
4.4 recorded.items_are_listed_oldest_first_and_leave_three_keys
4.5 subscriptions.ada_pays_at_once recorded.the_moments_of_an_invoice_that_is_paid_at_once_are_one
4.6 subscriptions.default_payment_method_is_set_and_cleared
4.7 subscriptions.subscriptions_and_invoices_match_the_sdks_annotations
4.8 recorded.a_subscription_has_the_keys_that_were_seen_in_their_order
4.9 customers.a_customer_has_exactly_the_keys_the_sdk_declares
4.9 catalogue.products_and_prices_have_the_keys_the_sdk_declares
4.9 recorded.an_item_that_is_no_proration_has_nothing_of_one
5.1 subscriptions.canceling_at_period_end_and_back
5.2 subscriptions.canceling_at_period_end_and_back
5.3 subscriptions.canceling_now
5.4 recorded.a_canceled_ones_credit_waits_without_a_parent
5.5 subscriptions.canceling_now_with_an_invoice_makes_a_draft_that_pays_nobody
5.6 subscriptions.a_second_cancel_is_a_404_and_only_words_can_still_change
5.7 recorded.a_voided_pause_of_collection_has_its_end subscriptions.pause_collection_is_kept_and_cleared
5.8 subscriptions.only_a_paused_one_can_be_resumed
6.1 subscriptions.a_trials_first_invoice_is_real_and_free recorded.a_trials_line_is_free_and_has_the_unit
6.1 subscriptions.a_trial_without_a_card_has_a_pending_setup_intent
6.2 subscriptions.ending_a_trial_now_bills_at_once
6.3 subscriptions.ending_a_trial_now_without_a_card_does_what_the_settings_say
6.3 subscriptions.ending_a_trial_now_without_a_card_is_refused_by_default
6.4 subscriptions.resuming_a_paused_one_waits_for_its_invoice
6.5 subscriptions.a_card_with_3_d_secure_leaves_it_incomplete_and_the_invoice_open
6.6 subscriptions.recorded_refusals_of_create subscriptions.without_a_card_nothing_is_made
6.6 subscriptions.error_if_incomplete_refuses_3_d_secure_and_writes_nothing
6.6 subscriptions.the_same_price_twice_is_refused
6.7 subscriptions.send_invoice_is_active_with_a_draft
7.1 recorded.the_moments_of_an_invoice_that_is_paid_at_once_are_one invoices.a_draft_has_no_number_and_no_address
7.2 invoices.a_draft_that_advances_has_an_hour
7.3 invoices.finalizing_numbers_it_and_tries_nothing customers.an_invoice_prefix_is_eight_capitals_or_digits
7.3 customers.a_taken_invoice_prefix_is_refused invoices.a_credit_note_on_a_paid_invoice_moves_the_balance
7.4 invoices.payments_are_absent_unless_expanded recorded.what_pays_an_invoice_says_so
7.5 recorded.what_pays_an_invoice_says_so
7.6 recorded.an_invoice_names_what_it_is_for_and_none_of_the_old_keys
7.7 invoices.a_draft_has_no_number_and_no_address
7.8 invoices.an_invoice_of_nothing_is_paid_by_finalizing
7.9 proration.a_downgrade_leaves_its_credit_on_the_balance recorded.a_balance_entry_of_an_invoice_has_its_ending
7.9 proration.totals_below_the_smallest_charge_are_carried_over_and_collected_later
7.10 invoices.waiting_items_stay_out_unless_asked_for
7.11 invoices.paying_a_draft_finalizes_it_first invoices.paid_out_of_band invoices.who_may_be_voided_and_deleted
7.11 recorded.a_paid_invoice_cannot_be_sent
7.11 invoices.a_final_invoice_takes_metadata_only invoices.finalizing_numbers_it_and_tries_nothing
8.1 subscriptions.a_forever_discount_lowers_the_total_and_not_the_line
8.2 subscriptions.an_invoice_items_own_discount_is_inside_the_subtotal
8.3 subscriptions.a_once_discount_is_gone_after_the_first_invoice
8.4 proration.a_credit_line_names_the_old_price_and_the_lines_that_billed_it
8.5 invoices.exclusive_tax_is_added_and_inclusive_tax_is_taken_out discounts_and_taxes.a_credit_gives_back_its_tax
8.5 recorded.tax_is_rounded_to_the_nearest_cent
8.6 catalogue.a_coupon_shows_its_percentage_as_a_decimal catalogue.what_a_coupon_applies_to_is_shown_only_when_expanded
8.7 catalogue.a_promotion_code_leads_to_its_coupon
8.8 recorded.recorded_refusals_of_coupons recorded.recorded_refusals_of_promotion_codes
8.8 catalogue.an_unknown_coupon_in_a_promotion_code_is_named
8.8 discounts_and_taxes.a_code_for_first_orders_is_refused_to_those_who_bought
9.1 recorded.a_new_cards_details_are_all_there_and_null payment_methods.attaching_checks_the_card_and_keeps_its_id
9.1 payment_methods.the_same_number_has_the_same_fingerprint
9.1 payment_methods.attaching_a_test_name_makes_a_new_method
9.2 payment_methods.attaching_again_to_the_same_customer_changes_nothing
9.2 payment_methods.attaching_without_a_customer_is_refused payment_methods.attaching_does_not_make_it_the_default
9.2 recorded.a_customer_that_is_not_there_is_named_as_the_place_of_its_id_says
9.3 recorded.detaching_twice_is_refused_in_the_recorded_words
9.4 payment_methods.detaching_frees_it_for_good
9.5 payment_methods.a_list_without_a_customer_is_empty payment_methods.a_deleted_customers_list_is_refused
9.5 payment_methods.mallorys_url_does_not_show_adas_card payment_methods.billing_details_are_merged_leaf_by_leaf
9.5 recorded.a_customer_that_is_not_there_is_named_as_the_place_of_its_id_says
10.1 setup_intents.a_new_intent_has_exactly_the_keys_the_sdk_declares
10.1 setup_intents.a_new_intent_waits_for_a_method_and_takes_dynamic_ones
10.2 setup_intents.success_attaches_the_method_to_the_customer
10.2 setup_intents.a_3ds_card_asks_the_dialog_when_stripe_js_runs
10.3 setup_intents.a_decline_is_a_402_and_stays_on_the_intent
10.4 setup_intents.confirming_twice_is_refused_with_the_intent setup_intents.a_succeeded_intent_cannot_be_canceled
10.4 setup_intents.mallorys_intent_cannot_use_adas_card
11.1 payment_methods.a_declining_card_is_refused_at_attach_as_recorded setup_intents.an_expired_card_says_so
11.1 invoices.a_decline_answers_402_and_leaves_its_rows invoices.off_session_a_card_that_asks_is_declined
12.1 wire_errors.an_unknown_parameter_is_named_in_the_refusal wire_errors.a_missing_parameter_is_named
12.1 wire_errors.a_word_where_a_number_belongs_is_an_invalid_integer
12.1 wire_errors.a_bad_choice_lists_the_choices_and_has_no_code
12.1 wire_errors.what_is_not_built_is_refused_as_an_unknown_url wire_errors.another_api_version_is_refused
12.1 recorded.the_keys_of_an_error_are_alphabetical_and_its_address_tells_the_code
12.2 wire_errors.an_unknown_id_in_the_path_is_a_404_that_names_it wire_errors.an_unknown_id_in_the_query_is_a_400
12.2 subscriptions.an_unknown_customer_is_a_404_here invoices.unknown_invoices_name_the_parameter_as_stripe_does
12.2 recorded.an_unknown_subscription_item_is_refused_in_words_of_its_own
12.3 wire_errors.what_cannot_be_expanded_is_refused wire_errors.a_list_suggests_where_its_expansion_belongs
12.3 wire_errors.an_id_that_is_null_stays_null_when_expanded
13.1 idempotency.the_same_key_gives_the_first_answer_byte_for_byte
13.1 idempotency.the_same_key_with_other_parameters_is_refused
13.1 idempotency.a_refused_parameter_does_not_use_the_key_up
13.2 recorded.a_write_echoes_its_key_and_its_first_request wire_errors.every_answer_says_its_version_and_request_id
14.1 recorded.a_list_has_exactly_four_keys recorded.the_items_of_a_subscription_are_a_list_with_a_count
14.2 paging.lists_are_newest_first_and_ten_long recorded.items_are_listed_oldest_first_and_leave_three_keys
14.3 paging.limits_are_clamped_and_never_refused paging.an_unknown_cursor_is_a_400
14.3 paging.both_cursors_at_once_are_refused paging.a_deleted_customer_still_works_as_a_cursor
14.4 recorded.subscriptions_are_listed_by_status_and_by_price
14.4 wire_errors.a_bad_choice_lists_the_choices_and_has_no_code
15.1 customers.a_deleted_customer_leaves_three_keys_and_no_place_in_lists
15.1 recorded.deleted_coupons_and_invoice_items_are_gone
15.1 catalogue.a_product_with_prices_cannot_be_deleted
15.2 world.ids_have_stripes_shapes world.the_ids_of_one_account_share_ten_characters recorded.secrets_have_their_length
15.2 setup_intents.its_secret_has_thirty_one_characters
16.1 events.an_event_has_stripes_shape events.what_a_delete_brings_has_no_idempotency_key
16.2 events.an_update_tells_the_old_values_of_what_changed_and_nothing_else
16.2 events.a_removed_key_of_metadata_is_told_with_its_old_value events.a_detached_method_tells_whose_it_was
16.3 events.a_deleted_customers_event_carries_the_whole_customer events.a_deleted_products_event_shows_it_inactive
16.3 events.a_deleted_coupons_event_shows_it_invalid events.a_transferred_lookup_key_updates_its_old_holder
16.4 events.a_paid_payment_tells_of_its_charge_and_itself events.a_setup_that_attaches_tells_three_things
16.4 events.a_new_subscription_tells_of_itself_and_its_paid_invoice events.cancelling_at_once_tells_that_it_ended
"""

REFUSED_INSTEAD = {
    "6.5": "three-d-secure's own fingerprint fields (`three_ds_method_url` and the like), which Stripe.js alone reads",
    "7.7": "the addresses point at the sandbox's own pages, since Stripe's know nothing of them",
    "7.11": "the editing of lines is refused as an unknown URL: nothing here uses it",
}
"""What of a fact the sandbox does not do."""


def replays() -> dict[str, list[str]]:
    """Each fact's number and the tests that replay it, as `file.test` without `test_`."""
    table: dict[str, list[str]] = {}
    for row in REPLAYS.split("\n"):
        fact, _, tests = row.partition(" ")
        if fact:
            table.setdefault(fact, []).extend(tests.split())
    return table


def test_every_recorded_fact_is_replayed() -> None:
    facts = [f"{chapter}.{number}" for chapter, last in FACTS_IN.items() for number in range(1, last + 1)]
    assert list(replays()) == facts
    assert all(replays().values())
    assert REFUSED_INSTEAD.keys() <= set(facts)


def test_every_replay_that_is_named_is_there() -> None:
    named = {test for tests in replays().values() for test in tests}
    missing = []
    for name in sorted(named):
        module, _, test = name.partition(".")
        if not callable(getattr(import_module(f"tests.sandbox.test_{module}"), f"test_{test}", None)):
            missing.append(name)
    assert missing == []
