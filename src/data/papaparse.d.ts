/** The part of papaparse that is used: row by row, with the caller saying where the text comes from; and whole texts. */
declare module 'papaparse' {
  interface Found {
    data: string[][];
    errors: { message: string; row?: number }[];
    /** `cursor`: characters of the input that belong to whole rows so far. */
    meta: { cursor: number; delimiter: string };
  }
  interface Settings {
    delimiter: string;
    newline: string;
    /** Called for each row, which is the only one in `data`. */
    step(found: Found): void;
  }
  class Parser {
    constructor(settings: Settings);
    parse(text: string, baseIndex: number, ignoreLastRow: boolean): Found;
  }
  const papaparse: {
    readonly Parser: typeof Parser;
    /** Finds out the delimiter. */
    parse(text: string, settings: { skipEmptyLines: 'greedy' }): Found;
    unparse(rows: readonly (readonly unknown[])[], settings: { newline: string }): string;
  };
  export default papaparse;
}
