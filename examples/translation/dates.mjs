// Days, and the ways in which people write them.
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const WEEK = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const day = (time) => {
  const date = new Date(time);
  const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  return { y, m, d, month: MONTHS[m - 1], weekday: WEEK[date.getUTCDay()] };
};

/** All days from 1950 to 2049. */
export const DAYS = Array.from({ length: 36525 }, (_, i) => day(Date.UTC(1950, 0, 1 + i)));

const two = (n) => String(n % 100).padStart(2, '0');
const short = (name) => name.slice(0, 3);
const ordinal = (d) => d + (d > 10 && d < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][d % 10] ?? 'th'));

/** As ISO 8601 has it: 1969-07-20. */
export const iso = ({ y, m, d }) => `${y}-${two(m)}-${two(d)}`;

/** With slashes the month comes first, with points the day. */
export const FORMATS = [
  ({ y, m, d }) => `${m}/${d}/${y}`,
  ({ y, m, d }) => `${two(m)}/${two(d)}/${y}`,
  ({ y, m, d }) => `${m}/${d}/${two(y)}`,
  ({ y, m, d }) => `${d}.${m}.${y}`,
  ({ y, m, d }) => `${two(d)}.${two(m)}.${y}`,
  ({ y, m, d }) => `${d}.${m}.${two(y)}`,
  ({ y, m, d }) => `${y}/${two(m)}/${two(d)}`,
  ({ y, m, d }) => `${y}${two(m)}${two(d)}`,
  ({ y, month, d }) => `${d} ${month} ${y}`,
  ({ y, month, d }) => `${month} ${d}, ${y}`,
  ({ y, month, d }) => `${short(month)} ${d}, ${y}`,
  ({ y, month, d }) => `${two(d)}-${short(month)}-${y}`,
  ({ y, month, d }) => `${two(d)}-${short(month)}-${two(y)}`,
  ({ y, month, d }) => `${d} ${short(month)} '${two(y)}`,
  ({ y, month, d }) => `${ordinal(d)} of ${month} ${y}`,
  ({ y, month, d }) => `the ${ordinal(d)} of ${month}, ${y}`,
  ({ y, month, d }) => `${month} the ${ordinal(d)}, ${y}`,
  ({ y, month, d, weekday }) => `${weekday}, ${month} ${d}, ${y}`,
  ({ y, month, d, weekday }) => `${short(weekday)} ${d} ${short(month)} ${y}`,
  ({ y, month, d, weekday }) => `${weekday} ${ordinal(d)} ${month} ${y}`,
];
