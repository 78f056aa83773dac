export function startTemplate(
  folder: string,
  bytes: Uint8Array,
  token: string,
): Promise<{ readonly url: string; stop(): void }>;
