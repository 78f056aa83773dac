/** What programs that train import: the engine gets all kernels. */
import { kernels } from '#kernels';
import { engine } from './engine';

engine.equip(kernels, true);
