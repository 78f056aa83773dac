/** The models of a server: those it was made with, and those it loads and unloads. */
import { isWhole } from '../../support/arguments';
import type { TableOf } from '../../support/settings';
import * as is from '../../support/settings';
import { Refusal } from '../protocol/refusal';
import type { Generate } from './generation';
import { Queue, type QueueLimits, type QueueObserver } from './queue';
import { type Servable, type Served, servableOf } from './servable';
import { ServedModel } from './served-model';

/** Settings of one model. */
export interface ModelSettings {
  /** The model. */
  model: Served;
  /** Rows in a batch at most, by default as for all models of the server. */
  maxBatchSize?: number | null;
  /** Milliseconds that a request waits for others, by default as for all models of the server. */
  maxDelay?: number | null;
  /**
   * Whether each row of the outputs depends on its own row alone, so that requests may be joined: by default true for models
   * of layers whose batch may have any size, and false for graph models, of which it is not known.
   */
  isBatched?: boolean | null;
  /** Answers the endpoints `generate` and `generate_stream`; by default they do not exist. */
  generate?: Generate | null;
}

/** Where models are loaded from by name. */
export interface ModelRepository {
  /** Names of all models that may be loaded. */
  list(): readonly string[] | Promise<readonly string[]>;
  /** Loads one of them. */
  load(name: string): Promise<Served | ModelSettings>;
  /** Told that a client has unloaded one of them; by default nothing is. */
  unload?(name: string): void | Promise<void>;
}

/** What the index of a repository says of a model. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'UNAVAILABLE' | 'LOADING';
  readonly reason: string;
}

const MODEL_SETTINGS = {
  model: is.required(is.anything()),
  maxBatchSize: is.given('a positive integer', (v) => isWhole(v, 1)),
  maxDelay: is.given(
    'a number of milliseconds from 0 to 2147483647',
    (v) => Number.isFinite(v) && (v as number) >= 0 && (v as number) <= 2_147_483_647,
  ),
  isBatched: is.given('true or false', (v) => typeof v === 'boolean'),
  generate: is.given('a function', (v) => typeof v === 'function'),
} satisfies TableOf<ModelSettings>;

const isSettings = (given: Served | ModelSettings): given is ModelSettings =>
  typeof given === 'object' && given !== null && 'model' in given && !('run' in given) && !('predictOnBatch' in given);

export class Pool {
  readonly #models = new Map<string, ServedModel>();
  /** Why models that were asked for are not there. */
  readonly #reasons = new Map<string, string>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(
    readonly repository: ModelRepository | undefined,
    readonly limits: QueueLimits,
    /** Milliseconds that a request may take. */
    readonly timeout: number,
    readonly observer: (model: string) => QueueObserver,
  ) {}

  /** All models that are ready. */
  get models(): readonly ServedModel[] {
    return [...this.#models.values()];
  }

  /** Whether no model is being loaded. */
  get isSettled(): boolean {
    return this.#loading.size === 0;
  }

  /** Serves a model from now on; requests for one of the same name that have come are answered by that. */
  add(name: string, given: Served | ModelSettings, isOwned: boolean): void {
    const settings: ModelSettings = isSettings(given) ? given : { model: given };
    is.checked(`serve: model '${name}'`, MODEL_SETTINGS, settings);
    const { model } = settings;
    const generate = settings.generate ?? undefined;
    const plain = servableOf(name, model);
    const isBatched = settings.isBatched ?? plain.isBatched ?? false;
    // Its methods may need it as `this`.
    const servable: Servable = Object.assign(Object.create(plain) as Servable, { isBatched });
    const maxBatchSize = settings.maxBatchSize ?? this.limits.maxBatchSize;
    const maxDelay = settings.maxDelay ?? this.limits.maxDelay;
    const queue = new Queue(servable, { ...this.limits, maxBatchSize, maxDelay }, this.observer(name));
    const before = this.#models.get(name);
    this.#models.set(name, new ServedModel({ name, servable, queue, generate, isOwned, grace: this.timeout }));
    this.#reasons.delete(name);
    if (before) this.#retire(before);
  }

  /** @throws Refusal for one that is not there */
  find(name: string, version: string | undefined): ServedModel {
    const model = this.#models.get(name);
    if (!model) {
      const reason = this.#reasons.get(name);
      throw new Refusal(404, `there is no model '${name}'${reason ? `: ${reason}` : ''}`);
    }
    if (version !== undefined && version !== model.version)
      throw new Refusal(404, `model '${name}' has no version '${version}', only '${model.version}'`);
    return model;
  }

  /** @throws Refusal for names that are not in the repository */
  async #checkName(name: string): Promise<ModelRepository> {
    const { repository } = this;
    if (!repository) throw new Refusal(400, 'this server has no repository to load models from');
    if (!(await repository.list()).includes(name)) throw new Refusal(404, `the repository has no model '${name}'`);
    return repository;
  }

  /** Loads a model of the repository, again if it is there: the one before serves until then. @throws Refusal */
  async load(name: string): Promise<void> {
    const repository = await this.#checkName(name);
    const under = this.#loading.get(name);
    if (under) return under;
    const loading = this.#load(repository, name).finally(() => this.#loading.delete(name));
    this.#loading.set(name, loading);
    return loading;
  }

  async #load(repository: ModelRepository, name: string): Promise<void> {
    try {
      this.add(name, await repository.load(name), true);
    } catch (error) {
      const reason = (error as Error).message;
      if (!this.#models.has(name)) this.#reasons.set(name, 'it could not be loaded');
      throw Object.assign(new Refusal(400, `model '${name}' could not be loaded: ${reason}`), { cause: error });
    }
  }

  /** Serves a model no more; what has come is answered. @throws Refusal */
  async unload(name: string): Promise<void> {
    if (!this.repository) throw new Refusal(400, 'this server has no repository: its models stay');
    const model = this.find(name, undefined);
    this.#models.delete(name);
    this.#reasons.set(name, 'it was unloaded');
    await this.#retire(model);
    await this.repository.unload?.(name);
  }

  #retire(model: ServedModel): Promise<void> {
    const retiring = model.retire().finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
    return retiring;
  }

  /** All models by name, those of the repository that are not loaded too. */
  async index(): Promise<IndexEntry[]> {
    const names = new Set([...this.#models.keys(), ...((await this.repository?.list()) ?? [])]);
    return [...names].sort().map((name): IndexEntry => {
      const version = '1';
      if (this.#models.has(name)) return { name, version, state: 'READY', reason: '' };
      if (this.#loading.has(name)) return { name, version, state: 'LOADING', reason: '' };
      return { name, version, state: 'UNAVAILABLE', reason: this.#reasons.get(name) ?? 'it was not loaded' };
    });
  }

  /** Resolves when all that has come is answered; models that were loaded here are then disposed of. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#loading.values());
    const models = this.models;
    this.#models.clear();
    await Promise.all(models.map((model) => this.#retire(model)));
    await Promise.all(this.#retiring);
  }
}
