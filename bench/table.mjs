import { writeFileSync } from 'node:fs';

/** Aligned plain text; columns are { key, title, align?: 'right', format?: (value) => string }. */
export function table(columns, rows) {
  const cells = rows.map((row) => columns.map((column) => cell(column, row[column.key])));
  const widths = columns.map((column, i) => Math.max(column.title.length, ...cells.map((line) => line[i].length)));
  const line = (texts) =>
    texts
      .map((text, i) => (columns[i].align === 'right' ? text.padStart(widths[i]) : text.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), line(widths.map((n) => '-'.repeat(n))), ...cells.map(line)].join(
    '\n',
  );
}

function cell({ format = String }, value) {
  return value === undefined ? '' : format(value);
}

/** Three significant digits, without an exponent. */
export function digits(value) {
  const whole = Math.trunc(Math.abs(value)).toString().length;
  return value.toFixed(Math.abs(value) < 1 ? 3 : Math.max(0, 3 - whole));
}

/** Collects the rows of all tables for a JSON file. */
export class Report {
  #rows = [];

  add(rows) {
    this.#rows.push(...rows);
  }

  get rows() {
    return this.#rows;
  }

  write(file, about) {
    writeFileSync(file, `${JSON.stringify({ ...about, rows: this.#rows }, null, 2)}\n`);
  }
}
