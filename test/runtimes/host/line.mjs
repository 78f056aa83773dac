// Finds the line that inside/command.mjs, task.mjs or worker.mjs printed among whatever else a runtime prints.
export function resultLine(output) {
  for (const text of output.split('\n').reverse()) {
    const at = text.indexOf('{"line":');
    if (at >= 0) return JSON.parse(text.slice(at)).line;
  }
  throw Object.assign(new Error('ended without a result'), { detail: output.trim() });
}
