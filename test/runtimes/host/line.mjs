// Finds the JSON line that inside/report.mjs made among whatever else a runtime prints.
export function resultLine(output) {
  for (const line of output.split('\n').reverse()) {
    const at = line.indexOf('{"hash"');
    if (at >= 0) return JSON.parse(line.slice(at));
  }
  throw Object.assign(new Error('ended without a result'), { detail: output.trim() });
}
