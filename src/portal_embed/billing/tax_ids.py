"""Tax ids: every type that Stripe's API 2026-10-28.endive knows, whose they are, and what one looks like.

Source of types: stripe-python 16.1, `CustomerCreateTaxIdParams.type`; a test holds the table to it. Examples follow
Stripe's page "Customer tax IDs"; for what the page does not have yet they follow the tax office, or there is none. The
check of the form is help for typing, no judgement: Stripe has the last word, and a type without a pattern goes there
unchecked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_TAX_IDS = 20
"""Our own limit; Stripe's is not documented. It keeps a page readable and one customer from filling a merchant's books."""
LONGEST_VALUE = 50
"""Characters; the longest that any country writes has about half as many."""


@dataclass(frozen=True)
class TaxIdType:
    """One type in one country. `name` is what its people call it; `example` may be "".

    `pattern` is matched against the value in capitals without spaces, dots, dashes and slashes; None: unchecked.
    """

    type: str
    country: str
    name: str
    example: str
    pattern: re.Pattern[str] | None


_EU_VAT = """
AT ATU12345678 ATU\\d{8}
BE BE0123456789 BE[01]\\d{9}
BG BG0123456789 BG\\d{9,10}
CY CY12345678Z CY\\d{8}[A-Z]
CZ CZ1234567890 CZ\\d{8,10}
DE DE123456789 DE\\d{9}
DK DK12345678 DK\\d{8}
EE EE123456789 EE\\d{9}
ES ESA1234567Z ES[A-Z0-9]\\d{7}[A-Z0-9]
FI FI12345678 FI\\d{8}
FR FRAB123456789 FR[A-Z0-9]{2}\\d{9}
GB XI123456789 XI(?:\\d{9}|\\d{12}|GD\\d{3}|HA\\d{3})
GR EL123456789 EL\\d{9}
HR HR12345678912 HR\\d{11}
HU HU12345678 HU\\d{8}
IE IE1234567AB IE[0-9A-Z+*]{8,9}
IT IT12345678912 IT\\d{11}
LT LT123456789123 LT(?:\\d{9}|\\d{12})
LU LU12345678 LU\\d{8}
LV LV12345678912 LV\\d{11}
MT MT12345678 MT\\d{8}
NL NL123456789B12 NL[0-9A-Z+*]{12}
PL PL1234567890 PL\\d{10}
PT PT123456789 PT\\d{9}
RO RO1234567891 RO\\d{2,10}
SE SE123456789123 SE\\d{12}
SI SI12345678 SI\\d{8}
SK SK1234567891 SK\\d{10}
"""
_OTHERS = """
ad_nrt|NRT|A-123456-Z|[A-Z]\\d{6}[A-Z]
ae_trn|TRN|123456789012345|\\d{15}
al_tin|NIPT|J12345678N|[A-Z]\\d{8}[A-Z]
am_tin|TIN|02538904|\\d{8}
ao_tin|NIF|5123456789|
ar_cuit|CUIT|12-3456789-01|\\d{10,11}
au_abn|ABN|12345678912|\\d{11}
au_acn|ACN|123456789|\\d{9}
au_arn|ARN|123456789123|\\d{12}
au_wpn|WPN||
aw_tin|TIN|12345678|
az_tin|VÖEN|0123456789|\\d{10}
ba_tin|JIB|123456789012|\\d{12,13}
bb_tin|TIN|1123456789012|\\d{13}
bd_bin|BIN|123456789-0123|\\d{13}
bf_ifu|IFU|12345678A|\\d{8}[A-Z]
bg_uic|UIC (EIK)|123456789|\\d{9}
bh_vat|VAT|123456789012345|\\d{15}
bj_ifu|IFU|1234567890123|\\d{13}
bo_tin|NIT|123456789|
br_cnpj|CNPJ|01.234.456/5432-10|[0-9A-Z]{12}\\d{2}
br_cpf|CPF|123.456.789-87|\\d{11}
bs_tin|TIN|123.456.789|\\d{9}
bw_vat|VAT||
by_tin|УНП (UNP)|123456789|\\d{9}
ca_gst_hst|GST/HST|123456789RT0002|\\d{9}RT\\d{4}
ca_bn|Business Number (BN)|123456789|\\d{9}
ca_pst_bc|PST (British Columbia)|PST-1234-5678|PST\\d{8}
ca_pst_mb|RST (Manitoba)|123456-7|\\d{7}
ca_pst_sk|PST (Saskatchewan)|1234567|\\d{7}
ca_qst|QST (Québec)|1234567890TQ1234|\\d{10}TQ\\d{4}
cd_nif|NIF|A0123456M|[A-Z]\\d{7}[A-Z]
ch_vat|MWST / TVA / IVA|CHE-123.456.789 MWST|CHE\\d{9}(?:MWST|TVA|IVA)
ch_uid|UID|CHE-123.456.789|CHE\\d{9}(?:HR)?
ci_vat|TVA||
cl_tin|RUT|12.345.678-K|\\d{7,8}[0-9K]
cm_niu|NIU|M123456789000L|[A-Z]\\d{12}[A-Z]
cn_tin|统一社会信用代码 (USCC)|123456789012345678|[0-9A-Z]{15,20}
co_nit|NIT|123.456.789-0|\\d{8,10}
cr_tin|Cédula jurídica|1-234-567890|\\d{9,12}
cv_nif|NIF|213456789|\\d{9}
cz_dic|DIČ|CZ1234567890|(?:CZ)?\\d{8,10}
de_stn|Steuernummer|1234567890|\\d{10,13}
do_rcn|RNC|123-4567890-1|\\d{9}|\\d{11}
ec_ruc|RUC|1234567890001|\\d{13}
eg_tin|TIN|123456789|\\d{9}
es_cif|NIF (CIF)|A12345678|[A-Z0-9]\\d{7}[A-Z0-9]
et_tin|TIN|1234567890|\\d{10}
eu_oss_vat|VAT (One Stop Shop)|EU123456789|EU\\d{9}
fo_vat|MVG|123456|\\d{6}
fr_siren|SIREN|123456789|\\d{9}
fr_siret|SIRET|12345678900012|\\d{14}
fr_spi|SPI|1234567890123|\\d{13}
gb_vat|VAT|GB123456789|GB(?:\\d{9}|\\d{12}|GD\\d{3}|HA\\d{3})
ge_vat|VAT|123456789|\\d{9}
gh_tin|TIN||
gi_tin|TIN|123456|
gn_nif|NIF|123456789|\\d{9}
hk_br|BR|12345678|\\d{8}
hr_oib|OIB|12345678901|\\d{11}
hu_tin|Adószám|12345678-1-23|\\d{11}
ic_nif|NIF (Canarias)||
id_npwp|NPWP|012.345.678.9-012.345|\\d{15,16}
il_vat|מע״מ (VAT)|000012345|\\d{9}
in_gst|GSTIN|12ABCDE3456FGZH|\\d{2}[0-9A-Z]{13}
is_vat|VSK|123456|\\d{5,6}
is_kt|Kennitala||
it_cf|Codice fiscale|RSSMRA80A01H501U|[0-9A-Z]{16}|\\d{11}
jp_trn|適格請求書登録番号 (T number)|T1234567891234|T\\d{13}
jp_cn|法人番号 (corporate number)|1234567891234|\\d{13}
jp_rn|登録番号 (registration number)|12345|\\d{5,}
ke_pin|PIN|P000111111A|[A-Z]\\d{9}[A-Z]
kg_tin|ИНН (INN)|12345678901234|\\d{14}
kh_tin|TIN|1001-123456789|[A-Z]?\\d{12,13}
kr_brn|사업자등록번호 (BRN)|123-45-67890|\\d{10}
kz_bin|БИН (BIN)|123456789012|\\d{12}
la_tin|TIN|123456789-000|\\d{12}
li_vat|MWST|12345|\\d{5}
li_uid|UID|CHE123456789|CHE\\d{9}
lk_vat|VAT|123456789-7000|\\d{13}
ma_vat|IF|12345678|\\d{8}
md_vat|TVA|1234567|\\d{7}
md_cf|Cod fiscal||
me_pib|PIB|12345678|\\d{8}
mk_vat|ДДВ (DDV)|MK1234567890123|MK\\d{13}
mr_nif|NIF|12345678|\\d{8}
mu_vat|VAT||
mx_rfc|RFC|ABC010203AB9|[A-ZÑ&]{3,4}\\d{6}[0-9A-Z]{3}
my_sst|SST|A12-3456-78912345|[A-Z]\\d{14}
my_frp|FRP|12345678|\\d{8}
my_itn|ITN|C 1234567890|[A-Z]{1,2}\\d{8,11}
mz_nuit|NUIT||
ng_tin|TIN|12345678-0001|\\d{12}
no_vat|MVA|123456789MVA|\\d{9}MVA
no_voec|VOEC|1234567|\\d{7}
np_pan|PAN|123456789|\\d{9}
nz_gst|GST|123456789|\\d{8,9}
nz_bn|NZBN|9429041234567|\\d{13}
om_vat|VAT|OM1234567890|OM\\d{10}
pe_ruc|RUC|12345678901|\\d{11}
ph_tin|TIN|123456789012|\\d{9,14}
pl_nip|NIP|1234567890|\\d{10}
pt_nif|NIF|123456789|\\d{9}
py_ruc|RUC|80012345-6|\\d{6,9}
ro_tin|CIF|1234567890123|
rs_pib|PIB|123456789|\\d{9}
ru_inn|ИНН (INN)|1234567891|\\d{10}|\\d{12}
ru_kpp|КПП (KPP)|123456789|\\d{9}
sa_vat|VAT|123456789012345|\\d{15}
sg_gst|GST|M12345678X|[0-9A-Z]{9,10}
sg_uen|UEN|123456789F|[0-9A-Z]{9,10}
si_tin|Davčna številka|12345678|\\d{8}
sm_coe|COE||
sn_ninea|NINEA|12345672A2|[0-9A-Z]{9,10}
sr_fin|FIN|1234567890|\\d{10}
sv_nit|NIT|1234-567890-123-4|\\d{14}
th_vat|VAT|1234567891234|\\d{13}
tj_tin|ИНН (INN)|123456789|\\d{9}
tr_tin|VKN|0123456789|\\d{10}
tt_vat|VAT||
tt_bir|BIR||
tw_vat|統一編號 (VAT)|12345678|\\d{8}
tz_vat|VRN|12345678A|\\d{8}[A-Z]
ua_vat|ІПН (VAT)|123456789|\\d{9,12}
ug_tin|TIN|1014751879|\\d{10}
us_ein|EIN|12-3456789|\\d{9}
uy_ruc|RUT|123456789012|\\d{12}
uz_vat|QQS (NDS)|123456789012|\\d{12}
uz_tin|STIR (INN)|123456789|\\d{9}
ve_rif|RIF|A-12345678-9|[A-Z]\\d{9}
vn_tin|MST|1234567890|\\d{10}(?:\\d{3})?
za_vat|VAT|4123456789|4\\d{9}
zm_tin|TPIN|1004751879|\\d{10}
zw_tin|TIN|1234567890|\\d{10}
"""
_ELSEWHERE = {"eu_oss_vat": "EU", "ic_nif": "ES"}
"""Types whose first letters are no country: "EU" stands for who is in none of them."""
_SEPARATORS = re.compile(r"[\s./\-]")


def _table() -> tuple[TaxIdType, ...]:
    found = [
        TaxIdType("eu_vat", country, "VAT (EU)", example, re.compile(pattern))
        for country, example, pattern in (row.split(" ") for row in _EU_VAT.strip().splitlines())
    ]
    for row in _OTHERS.strip().splitlines():
        type, name, example, pattern = row.split("|", 3)
        country = _ELSEWHERE.get(type, type[:2].upper())
        found.append(TaxIdType(type, country, name, example, re.compile(pattern) if pattern else None))
    return tuple(found)


TYPES = _table()
COUNTRIES = frozenset(kind.country for kind in TYPES)
"""Where there is any tax id that Stripe knows; "EU" stands for the Union's scheme for businesses outside of it."""


def types_of(country: str | None) -> tuple[TaxIdType, ...]:
    """The types of one country, the most usual first; none where Stripe knows of none."""
    found = [kind for kind in TYPES if kind.country == country]
    return tuple(
        sorted(found, key=lambda kind: kind.example.startswith("XI"))
    )  # Northern Ireland's after Britain's own


def type_named(type: str, country: str | None = None) -> TaxIdType | None:
    """A type as it is in `country`; without one, or where it is not known there, as it is anywhere."""
    named = [kind for kind in TYPES if kind.type == type]
    return next((kind for kind in named if kind.country == country), named[0] if named else None)


def spelled(kind: TaxIdType, text: str) -> str:
    """What was typed as Stripe takes it: in capitals, and with the country's letters before a European number.

    >>> spelled(type_named("eu_vat", "DE"), " 123 456 789 ")
    'DE123456789'
    """
    value = " ".join(text.upper().split())
    if kind.type != "eu_vat":
        return value
    compact, prefix = _SEPARATORS.sub("", value), kind.example[:2]
    return compact if compact.startswith(prefix) else prefix + compact


def looks_right(kind: TaxIdType, value: str) -> bool:
    """Whether a value has the form of its type, as far as we know it."""
    return kind.pattern is None or kind.pattern.fullmatch(_SEPARATORS.sub("", value.upper())) is not None


def is_same(one: str, other: str) -> bool:
    """Whether two values are the same number, however they are written."""
    return _SEPARATORS.sub("", one.upper()) == _SEPARATORS.sub("", other.upper())
