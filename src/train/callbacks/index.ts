/** What trainings need of callbacks; the callbacks themselves are in `factories.ts`. */
export {
  Callback,
  type CallbackArgs,
  type CallbackTarget,
  type CountListener,
  type Logs,
  type LogsListener,
} from './callback';
export { type EpochLogs, History } from './history';
export { CallbackList, type Callbacks, CustomCallback } from './list';
