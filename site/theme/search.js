// Search within the site: looks in search/pages.json, which is made with the pages. Without this
// script the search page is a list of all pages; if the index cannot be read, the list is searched.
(() => {
  'use strict';
  const form = document.getElementById('search-form');
  if (!form) return;
  const box = form.elements.q;
  const found = document.getElementById('found');
  const count = document.getElementById('found-count');
  const MOST = 30;
  let pages = null;

  const plain = (words) => words.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const parts = (words) => plain(words).match(/[\p{L}\p{N}]+/gu) || [];
  // "rates" finds "rate" and "housing" finds "house": endings are left off both.
  const stem = (word) => (word.length > 4 ? word.replace(/(?:ings?|ies|es|ed|s|e|y)$/, '') : word);
  // Words that stand in every question and tell nothing.
  const EMPTY = new Set(['a', 'an', 'and', 'are', 'at', 'by', 'for', 'how', 'in', 'is', 'of', 'on', 'or', 'the', 'to', 'what', 'who', 'with']);

  // How well a word of the question fits a text: as a whole word, as a beginning, or not at all.
  const fit = (asked, words) => {
    let best = 0;
    for (const word of words) {
      if (word === asked || stem(word) === stem(asked)) return 2;
      if (word.startsWith(asked) || (asked.length > 3 && word.startsWith(stem(asked)))) best = 1;
    }
    return best;
  };

  const prepared = (page) => ({
    ...page,
    fields: [
      [8, parts(page.title)],
      [5, parts((page.terms || []).join(' '))],
      [4, parts((page.headings || []).map(([words]) => words).join(' '))],
      [4, parts((page.keywords || []).join(' '))],
      [2, parts(page.line)],
    ],
  });

  const read = async () => {
    if (pages) return pages;
    let told;
    try {
      const answer = await fetch('pages.json');
      if (!answer.ok) throw new Error();
      told = await answer.json();
    } catch {
      told = [...document.querySelectorAll('[data-pages] li')].map((item) => ({
        title: item.querySelector('a').textContent,
        address: item.querySelector('a').getAttribute('href').slice(3),
        line: item.querySelector('.note').textContent,
      }));
    }
    pages = told.map(prepared);
    return pages;
  };

  const link = (href, words) => {
    const made = document.createElement('a');
    made.href = href;
    made.textContent = words;
    return made;
  };

  const shown = (page, asked) => {
    const item = document.createElement('li');
    item.append(link('../' + page.address, page.title));
    const note = document.createElement('span');
    note.className = 'note';
    note.textContent = page.line;
    item.append(note);
    const headings = (page.headings || []).filter(([words]) => asked.every((one) => fit(one, parts(words))));
    for (const [words, id] of headings.slice(0, 3)) {
      const part = document.createElement('span');
      part.className = 'note part';
      part.append(link(`../${page.address}#${id}`, words));
      item.append(part);
    }
    return item;
  };

  const search = async () => {
    const question = box.value.trim();
    const all = parts(question);
    const telling = all.filter((word) => !EMPTY.has(word));
    const asked = telling.length ? telling : all;
    const address = new URL(location.href);
    if (question) address.searchParams.set('q', question);
    else address.searchParams.delete('q');
    history.replaceState(null, '', address);
    if (!asked.length) {
      found.hidden = true;
      count.textContent = '';
      return;
    }
    const known = await read();
    if (box.value.trim() !== question) return; // typed on while the index came
    const hits = [];
    for (const page of known) {
      let sum = 0;
      const every = asked.every((one) => {
        const best = page.fields.reduce((most, [weight, words]) => Math.max(most, weight * fit(one, words)), 0);
        sum += best;
        return best > 0;
      });
      if (every) hits.push([sum, page]);
    }
    hits.sort((a, b) => b[0] - a[0] || a[1].title.localeCompare(b[1].title));
    found.replaceChildren(...hits.slice(0, MOST).map(([, page]) => shown(page, asked)));
    found.hidden = !hits.length;
    const number = hits.length === 1 ? '1 page' : `${hits.length} pages`;
    count.textContent = hits.length
      ? `${number} found for “${question}”${hits.length > MOST ? `, the first ${MOST} are shown` : ''}.`
      : `No page found for “${question}”. Try fewer or other words, or the list below.`;
  };

  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    search();
  });
  box.addEventListener('input', search);
  const asked = new URL(location.href).searchParams.get('q');
  if (asked) {
    box.value = asked;
    search();
  }
})();
