// Timing for machines that others use too: competitors take samples in turn, so a busy spell hits all of them alike,
// and the minimum stands beside the median. It runs in every runtime.

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Worker threads go on spinning for a while after their last run (onnxruntime-web's for 17 ms), on a core that the
// next competitor should have.
const pauseMs = 20;

/** Worker threads sleep after the pause, and a scheduler takes some milliseconds to give each a core again. */
const wakeMs = 15;

/** Makes a competitor of a function of this process; run may be async. */
export function local(name, run) {
  return {
    name,
    async time(count) {
      // Runs that take longer than that wake whoever has to be woken by themselves.
      for (const begin = performance.now(); count > 1 && performance.now() - begin < wakeMs; ) await run();
      const start = performance.now();
      for (let i = 0; i < count; i++) {
        const result = run();
        // A sync run must not pay for a turn of the microtask queue.
        if (typeof result?.then === 'function') await result;
      }
      return performance.now() - start;
    },
  };
}

/**
 * Times competitors of the shape { name, time(count): milliseconds | Promise<milliseconds> }.
 * Returns for each { name, min, median, samples, count } in milliseconds per run, or { name, error }.
 */
export async function measure(competitors, options = {}) {
  const { rounds = 9, sampleMs = 20, warmMs = 200, slowMs = 1000, slowRounds = 2, reference } = options;
  const entries = [];
  for (const competitor of competitors) {
    const entry = { competitor, name: competitor.name, samples: [] };
    entries.push(entry);
    try {
      await pause(pauseMs);
      await prepare(entry, { rounds, sampleMs, warmMs, slowMs, slowRounds });
    } catch (error) {
      entry.error = error.message;
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries) {
      if (entry.error || entry.rounds <= round) continue;
      await pause(pauseMs);
      try {
        entry.samples.push((await entry.competitor.time(entry.count)) / entry.count);
      } catch (error) {
        entry.error = error.message;
      }
    }
  }
  return compare(entries.map(summary), reference);
}

/** Warms up and finds how many runs one sample needs. */
async function prepare(entry, { rounds, sampleMs, warmMs, slowMs, slowRounds }) {
  const time = (count) => entry.competitor.time(count);
  entry.rounds = rounds;
  entry.count = 1;
  let total = await time(1);
  let elapsed = await time(1);
  if (elapsed >= slowMs) {
    // Too dear to throw away, and too long to be disturbed by much: the second run is a sample already.
    entry.samples.push(elapsed);
    entry.rounds = slowRounds - 1;
    return;
  }
  total += elapsed;
  while (elapsed < sampleMs || total < warmMs) {
    if (elapsed < sampleMs) entry.count *= 2;
    elapsed = await time(entry.count);
    total += elapsed;
  }
  // Warm code may run faster or slower than when it was counted.
  entry.count = Math.max(1, Math.ceil((entry.count * sampleMs) / elapsed));
}

function summary({ name, samples, count, error }) {
  if (error) return { name, error };
  return { name, min: Math.min(...samples), median: median(samples), samples, count };
}

/** Adds how many times the reference's time each one takes. */
export function compare(results, reference) {
  const base = results.find((result) => result.name === reference && !result.error);
  if (!base) return results;
  return results.map((result) => {
    if (result.error) return result;
    return { ...result, minRatio: result.min / base.min, medianRatio: result.median / base.median };
  });
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
