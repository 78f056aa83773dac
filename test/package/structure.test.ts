/** The rules of `npm run check` that are ours: import order, cycles, lengths, host arithmetic. */
import { expect, test } from 'vitest';
import { findFaults } from '../../scripts/check.mjs';

test('the sources keep the structure', () => expect(findFaults()).toEqual([]));
