/** `sg.data`: datasets. */
export type { WebBlob, WebRequest, WebStream, WebURL } from '../support/web';
export type { Batched } from './collate';
export type { ColumnConfig, ColumnValue } from './columns';
export { type CSVConfig, CSVDataset, type CSVElement, type CSVRow, csv } from './csv';
export { Dataset } from './dataset';
export { array, type DatasetContainer, func, generator, type Zipped, zip } from './sources';
export type { AnyIterator } from './streams';
export type { CSVSource } from './texts';
export { type VideoLike, Webcam, type WebcamConfig, webcam } from './webcam';
