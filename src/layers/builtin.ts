/** Makes the library's own layers known to those that make layers from settings. */

import { provide } from './base/registry';
import * as factories from './index';

provide(factories);
