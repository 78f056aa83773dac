/** `sg.data`: datasets. */
export type { ColumnConfig } from './columns';
export { type CSVConfig, CSVDataset, type CSVElement, type CSVRow, csv } from './csv';
export { Dataset } from './dataset';
export { array, func, generator, zip } from './sources';
export type { CSVSource } from './texts';
export { type VideoLike, Webcam, type WebcamConfig, webcam } from './webcam';
