/** The part of papaparse that reads row by row and leaves it to the caller where the text comes from. */
declare module 'papaparse' {
  interface Found {
    data: string[][];
    errors: { message: string }[];
    /** Characters of the input that belong to whole rows so far. */
    meta: { cursor: number };
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
  const papaparse: { readonly Parser: typeof Parser };
  export default papaparse;
}
