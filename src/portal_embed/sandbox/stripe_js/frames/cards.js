// @ts-check
/** What can be known of a card from its digits: brand, spacing, checks. Error codes and texts are Stripe's. */

/** @typedef {{code: string, message: string}} Problem */
/** @typedef {{name: string, label: string, pattern: RegExp, lengths: number[], groups: number[], cvc: number}} Brand */

const FOURS = [4, 4, 4, 4];

/** @type {Brand[]} */
const BRANDS = [
  {name: "visa", label: "Visa", pattern: /^4/, lengths: [16], groups: FOURS, cvc: 3},
  {name: "mastercard", label: "Mastercard", pattern: /^(5[1-5]|2[2-7])/, lengths: [16], groups: FOURS, cvc: 3},
  {name: "amex", label: "American Express", pattern: /^3[47]/, lengths: [15], groups: [4, 6, 5], cvc: 4},
  {name: "discover", label: "Discover", pattern: /^6(011|4[4-9]|5)/, lengths: [16], groups: FOURS, cvc: 3},
  {name: "diners", label: "Diners Club", pattern: /^3(0|6|8|9)/, lengths: [14, 16], groups: FOURS, cvc: 3},
  {name: "jcb", label: "JCB", pattern: /^35/, lengths: [16], groups: FOURS, cvc: 3},
  {name: "unionpay", label: "UnionPay", pattern: /^62/, lengths: [16, 19], groups: [4, 4, 4, 4, 3], cvc: 3},
];

/** @type {Brand} */
const UNKNOWN = {name: "unknown", label: "", pattern: /^/, lengths: [16], groups: FOURS, cvc: 3};

/** @param {string} text */
export function digitsOf(text) {
  return text.replace(/\D/g, "");
}

/** @param {string} number digits, at least the first few @returns {Brand} */
export function brandOf(number) {
  return BRANDS.find((brand) => brand.pattern.test(number)) ?? UNKNOWN;
}

/** `4242 4242 4242 4242`, in the brand's own groups. @param {string} text */
export function spacedNumber(text) {
  const brand = brandOf(digitsOf(text));
  let rest = digitsOf(text).slice(0, Math.max(...brand.lengths));
  const groups = [];
  for (const size of brand.groups) {
    if (rest) groups.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return groups.join(" ");
}

/**
 * `04 / 31`, from `0431`, `431`, `4/31` and `04/2031` alike. A first digit above 1 can only be a month, and a year
 * that begins with 20 may be on its way to four digits.
 * @param {string} text
 */
export function spacedExpiry(text) {
  const [before = "", after] = text.split("/").map(digitsOf);
  const oneDigitMonth = /^[2-9]/.test(before) || (after !== undefined && before.length === 1);
  const digits = (oneDigitMonth ? "0" : "") + before + (after ?? "");
  const month = digits.slice(0, 2);
  let year = digits.slice(2);
  if (after === undefined || !year.startsWith("20")) year = year.slice(0, 2);
  else if (year.length >= 4) year = year.slice(2, 4);
  return year ? `${month} / ${year}` : month;
}

/** @param {string} text @returns {Problem | null} */
export function numberProblem(text) {
  const number = digitsOf(text);
  const {lengths} = brandOf(number);
  if (number.length < Math.min(...lengths)) return {code: "incomplete_number", message: "Your card number is incomplete."};
  return lengths.includes(number.length) && passesLuhn(number)
    ? null
    : {code: "invalid_number", message: "Your card number is invalid."};
}

/** @param {string} text @param {Date} today @returns {Problem | null} */
export function expiryProblem(text, today) {
  const digits = digitsOf(text);
  const [month, year] = [Number(digits.slice(0, 2)), 2000 + Number(digits.slice(2))];
  if (digits.length !== 4 || month < 1 || month > 12) {
    return {code: "incomplete_expiry", message: "Your card's expiration date is incomplete."};
  }
  if (year < today.getFullYear()) return {code: "invalid_expiry_year_past", message: "Your card's expiration year is in the past."};
  if (year > today.getFullYear() + 50) return {code: "invalid_expiry_year", message: "Your card's expiration year is invalid."};
  return year === today.getFullYear() && month < today.getMonth() + 1
    ? {code: "invalid_expiry_month_past", message: "Your card's expiration date is in the past."}
    : null;
}

/** @param {string} text @param {string} number @returns {Problem | null} */
export function cvcProblem(text, number) {
  return digitsOf(text).length === brandOf(digitsOf(number)).cvc
    ? null
    : {code: "incomplete_cvc", message: "Your card's security code is incomplete."};
}

/** The check digit rule of ISO/IEC 7812. @param {string} number */
function passesLuhn(number) {
  let sum = 0;
  [...number].reverse().forEach((digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
}
