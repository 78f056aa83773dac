/** What programs that only predict import: the engine gets the kernels of predictions, unless it has all. */
import { kernels } from '#kernels-predict';
import { engine } from './engine';

engine.equip(kernels, false);
