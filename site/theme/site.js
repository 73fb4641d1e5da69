// Small comforts for tables and headings. Everything on a page is there without them.
(() => {
  'use strict';
  const SORT_FROM = 3;
  const UNSEEN = 'nhsuk-u-visually-hidden';

  const made = (name, attributes = {}, words = '') => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = words;
    return element;
  };

  // One place that screen readers listen to.
  const speaker = made('p', { role: 'status', class: UNSEEN });
  document.body.append(speaker);
  const say = (words) => { speaker.textContent = words; };

  const said = (cell) => cell.textContent.replace(/\s+/g, ' ').trim();
  const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

  // What a cell is sorted by: a number or a date where it begins with one; words otherwise. What
  // has no number, whatever the reason, comes last either way.
  const number = (words) => {
    const match = /^[£+]?([-−]?)[£]?(\d[\d,]*(?:\.\d+)?)(?![\d/])/.exec(words);
    return match ? Number((match[1] ? '-' : '') + match[2].replace(/,/g, '')) : null;
  };
  const day = (words) => {
    const match = /^(?:(\d{1,2})\s)?([A-Z][a-z]{2})[a-z]*(?:\s?–\s?[A-Z][a-z]+)?\s(\d{4})$/.exec(words);
    const month = match ? MONTHS.indexOf(match[2].toLowerCase()) : -1;
    return month < 0 ? null : Number(match[3]) * 372 + month * 31 + Number(match[1] || 1);
  };
  const EMPTY = /^(\[[a-z]\]|–)/;

  const order = (cells) => {
    const words = cells.map(said);
    const there = words.filter((one) => one && !EMPTY.test(one));
    for (const read of [day, number]) {
      if (there.length && there.every((one) => read(one) !== null)) {
        return { by: words.map((one) => (one && !EMPTY.test(one) ? read(one) : null)), kind: 'number' };
      }
    }
    return { by: words.map((one) => (one && !EMPTY.test(one) ? one : null)), kind: 'words' };
  };

  const sortable = (table) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    if (body.rows.length < SORT_FROM) return;
    heads.forEach((head, column) => {
      const button = made('button', { type: 'button' });
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute('aria-sort', 'none');
      button.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') === 'ascending';
        const rows = [...body.rows];
        const { by, kind } = order(rows.map((row) => row.cells[column]));
        const sorted = rows.map((row, i) => [by[i], row]).sort(([a], [b]) => {
          if (a === null || b === null) return (a === null) - (b === null);
          const up = kind === 'number' ? a - b : a.localeCompare(b, 'en-GB', { numeric: true });
          return down ? -up : up;
        });
        body.append(...sorted.map(([, row]) => row));
        heads.forEach((one) => one.setAttribute('aria-sort', 'none'));
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        say(`Sorted by ${said(button)}, ${down ? 'descending' : 'ascending'}.`);
      });
    });
  };

  // The filter stands in the page's address as ?<table>=<words>, so that a link keeps it.
  const filtered = (table, region) => {
    const bar = region.previousElementSibling;
    if (!bar || !bar.classList.contains('filter')) return;
    const rows = [...table.tBodies[0].rows];
    const name = table.dataset.rows;
    const id = `filter-${name}`;
    const box = made('input', { type: 'search', id, autocomplete: 'off' });
    const left = made('span', { class: 'note' });
    bar.append(made('label', { for: id }, 'Show only rows with'), box, left);
    const apply = (aloud) => {
      const asked = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of rows) {
        const words = said(row).toLowerCase();
        row.hidden = !asked.every((one) => words.includes(one));
        if (!row.hidden) count += 1;
      }
      left.textContent = asked.length ? `${count} of ${rows.length} rows` : '';
      if (aloud) say(`${count} of ${rows.length} rows are shown.`);
    };
    box.addEventListener('input', () => {
      const address = new URL(location.href);
      if (box.value.trim()) address.searchParams.set(name, box.value.trim());
      else address.searchParams.delete(name);
      history.replaceState(null, '', address);
      apply(true);
    });
    const before = new URL(location.href).searchParams.get(name);
    if (before) {
      box.value = before;
      apply(false);
      for (let one = table.closest('details'); one; one = one.parentElement.closest('details')) one.open = true;
    }
  };

  const linked = (heading) => {
    const words = said(heading);
    const button = made('button', { type: 'button', class: 'copy' }, 'Copy link');
    button.append(made('span', { class: UNSEEN }, ` to “${words}”`));
    button.addEventListener('click', async () => {
      const address = new URL(location.href);
      address.hash = heading.id;
      try {
        await navigator.clipboard.writeText(address.href);
        say('The link is copied.');
        button.firstChild.textContent = 'Copied';
      } catch {
        // Without leave to copy, the address bar holds the link to be copied by hand.
        location.hash = heading.id;
        say('The link is in the address bar.');
        button.firstChild.textContent = 'In the address bar';
      }
      setTimeout(() => { button.firstChild.textContent = 'Copy link'; }, 3000);
    });
    heading.after(button);
  };

  for (const region of document.querySelectorAll('main .scroll')) {
    const table = region.querySelector('table');
    if (table && table.tHead && table.tBodies.length) {
      sortable(table);
      filtered(table, region);
    }
  }
  document.querySelectorAll('main h2[id]').forEach(linked);
})();
