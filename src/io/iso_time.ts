const MS_PER_DAY = 86_400_000;
/** Days from the first of March of the year 0 to the first of January 1970. */
const DAYS_TO_1970 = 719_468;
const DAYS_PER_ERA = 146_097;

/**
 * A time since 1970 as `2026-11-21T17:44:23.738Z`, which is what `Date` makes of it. To make the first `Date` the
 * runtime loads all that is known of time zones: two megabytes in a broker that is otherwise at rest.
 */
export function isoTime(epochMs: number): string {
  const days = Math.floor(epochMs / MS_PER_DAY);
  const ms = epochMs - days * MS_PER_DAY;
  const [year, month, day] = dateOf(days);
  const time = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60];
  const clock = time.map((part) => padded(part, 2)).join(":");
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}T${clock}.${padded(ms % 1000, 3)}Z`;
}

/** Years begin in March here, so that the day that is sometimes missing is the last one. Eras are of 400 years. */
function dateOf(daysSince1970: number): [year: number, month: number, day: number] {
  const days = daysSince1970 + DAYS_TO_1970;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) +
    Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
