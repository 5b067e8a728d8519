"""The verification of customers' tax ids, which takes its time, and the test numbers that decide how it ends."""

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.engine import agenda
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("European, British and Australian numbers are verified: `pending` first, then `customer.tax_id.updated`", "documented",
     "Stripe docs, customer tax IDs: validation"),
    ("the test number 000000000 becomes verified, 111111111 unverified, 222222222 stays pending", "documented",
     "Stripe docs, customer tax IDs: test with magic tax ids"),
    ("every other number stays pending too, and a verification takes three seconds", "assumed",
     "Stripe asks the governments' databases"),
    ("the name and address that a verification finds are the customer's own", "assumed", "Stripe tells what the database says"),
]  # fmt: skip

TYPES = tuple(
    """
    ad_nrt ae_trn al_tin am_tin ao_tin ar_cuit au_abn au_acn au_arn au_wpn aw_tin az_tin ba_tin bb_tin bd_bin
    bf_ifu bg_uic bh_vat bj_ifu bo_tin br_cnpj br_cpf bs_tin bw_vat by_tin ca_bn ca_gst_hst ca_pst_bc ca_pst_mb
    ca_pst_sk ca_qst cd_nif ch_uid ch_vat ci_vat cl_tin cm_niu cn_tin co_nit cr_tin cv_nif cz_dic de_stn do_rcn
    ec_ruc eg_tin es_cif et_tin eu_oss_vat eu_vat fo_vat fr_siren fr_siret fr_spi gb_vat ge_vat gh_tin gi_tin
    gn_nif hk_br hr_oib hu_tin ic_nif id_npwp il_vat in_gst is_kt is_vat it_cf jp_cn jp_rn jp_trn ke_pin kg_tin
    kh_tin kr_brn kz_bin la_tin li_uid li_vat lk_vat ma_vat md_cf md_vat me_pib mk_vat mr_nif mu_vat mx_rfc my_frp
    my_itn my_sst mz_nuit ng_tin no_vat no_voec np_pan nz_bn nz_gst om_vat pe_ruc ph_tin pl_nip pt_nif py_ruc
    ro_tin rs_pib ru_inn ru_kpp sa_vat sg_gst sg_uen si_tin sm_coe sn_ninea sr_fin sv_nit th_vat tj_tin tr_tin
    tt_bir tt_vat tw_vat tz_vat ua_vat ug_tin us_ein uy_ruc uz_tin uz_vat ve_rif vn_tin za_vat zm_tin zw_tin
    """.split()
)
"""The kinds of tax id that there are, in the order of the SDK's annotations."""

VERIFIED = frozenset({"au_abn", "eu_vat", "gb_vat"})
MAGIC = {"000000000": "verified", "111111111": "unverified", "222222222": "pending"}
TAKES = 3


def first_status(type: str) -> str:
    """How a new number stands."""
    return "pending" if type in VERIFIED else "unavailable"


def is_magic(type: str, value: str) -> bool:
    """Whether it is a test number."""
    return type in VERIFIED and value in MAGIC


def wait(world: World, tax_id: JsonObject) -> None:
    """Let the verification of a test number end later."""
    if is_magic(tax_id["type"], tax_id["value"]) and MAGIC[tax_id["value"]] != "pending":
        agenda.put(world, _on_clock(world, tax_id), world.now() + TAKES)


def forget(world: World, tax_id: JsonObject) -> None:
    """It was deleted: nothing is verified any more."""
    agenda.put(world, _on_clock(world, tax_id), None)


def verified(world: World, tax_id: JsonObject) -> None:
    """The verification has ended."""
    customer = world.need("customer", tax_id["customer"])
    status = MAGIC[tax_id["value"]]
    found = {"status": status, "verified_address": None, "verified_name": None}
    if status == "verified":
        address = customer["address"] or {}
        lines = [address.get(part) for part in ("line1", "postal_code", "city", "country")]
        found["verified_name"] = customer["name"]
        found["verified_address"] = ", ".join(line for line in lines if line) or None
    save_changed(world, {**tax_id, "verification": found}, "customer.tax_id.updated")


def _on_clock(world: World, tax_id: JsonObject) -> JsonObject:
    customer = world.get("customer", tax_id["customer"])
    return {**tax_id, "test_clock": (customer or {}).get("test_clock")}
