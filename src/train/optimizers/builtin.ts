/**
 * Every optimizer: its class, and the function of `sg.train` that makes one. All lists are derived from what these files
 * export: functions are known by their names in `compile`.
 */
export * from './adam';
export * from './adaptive';
export * from './descent';
export * from './layerwise';
