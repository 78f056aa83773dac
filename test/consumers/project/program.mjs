import * as sg from 'samegrad';
import * as layers from 'samegrad/layers';
import * as predict from 'samegrad/predict';
import { check } from './check.mjs';

export const result = () => check(sg, predict, layers);
