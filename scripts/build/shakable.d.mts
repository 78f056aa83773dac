/** The text of a module with numbers in the place of shared constants, and its calls marked as pure unless it is active. */
export function shakable(file: string, text: string, constants: Record<string, unknown>, isActive: boolean): string;
