/** The entry `samegrad/serve`: models behind the Open Inference Protocol, in every runtime. */
export { type CloseOptions, type Listening, type ListenOptions, listen } from './hosts/node';
export type { Generate, GenerateRequest } from './models/generation';
export type { ModelRepository, ModelSettings } from './models/pool';
export { type SamplerOptions, sampler } from './models/sampler';
export type { Feeds, Port, Servable, Served, ServedTensor } from './models/servable';
export type { LogEntry, ServeOptions } from './options';
export type { Datatype, Elements, NumberArray, NumericType } from './protocol/datatypes';
export { Refusal } from './protocol/refusal';
export { type Server, serve } from './server';
