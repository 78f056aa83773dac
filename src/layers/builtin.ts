/** Makes the library's own layers known to those that make layers from settings. */
import * as factories from './index';
import { provide } from './registry';

provide(factories);
