/** Where a host gets the kernels from, as aliases of esbuild. */
export function host(name: string): Record<string, string>;
