/** What all pages have at their top. */
import './style.css';

const PAGES = [
  ['', 'Gallery'],
  ['digit/', 'Draw a digit'],
  ['playground/', 'Playground'],
  ['sequence/', 'Sequence'],
  ['pictures/', 'Your own pictures'],
  ['fine-tuning/', 'Fine-tuning'],
  ['benchmark/', 'Benchmark'],
  ['docs/', 'Guides and reference'],
];

/** Fills the page's `<header>`; `here` is its folder, '' for the gallery. */
export function head(here) {
  const header = document.querySelector('header');
  const root = here === '' ? './' : '../';
  const name = document.createElement('strong');
  name.textContent = 'samegrad';
  header.append(name);
  for (const [folder, title] of PAGES) {
    const link = document.createElement('a');
    link.href = root + folder;
    link.textContent = title;
    if (folder === here) link.setAttribute('aria-current', 'page');
    header.append(link);
  }
}

/** The element with this id. */
export const byId = (id) => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
};

/** An element with attributes, text or children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
