// What a formula cannot do without a script: show itself where it is referred to, and be scrolled with the keyboard,
// which goes for a wide output, too.
(() => {
  let preview = null;

  const hide = () => {
    preview?.remove();
    preview = null;
  };

  const place = (link) => {
    const at = link.getBoundingClientRect();
    const box = preview.getBoundingClientRect();
    const below = at.bottom + box.height + 8 < innerHeight;
    preview.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.width - 8)) + scrollX}px`;
    preview.style.top = `${(below ? at.bottom + 6 : at.top - box.height - 6) + scrollY}px`;
  };

  const show = (link, template) => {
    hide();
    preview = document.createElement('div');
    preview.className = 'equation-preview';
    preview.setAttribute('role', 'tooltip');
    preview.append(template.content.cloneNode(true));
    document.body.append(preview);
    place(link);
  };

  const reachable = () => {
    const boxes = [...document.querySelectorAll('.formula, span.math, div.cell_output')];
    const wide = new Set(boxes.filter((box) => box.scrollWidth > box.clientWidth)); // one layout for all
    for (const box of boxes) {
      if (wide.has(box)) {
        box.tabIndex = 0;
        box.setAttribute('role', 'group');
        box.setAttribute('aria-label', box.matches('.cell_output') ? 'output' : 'formula');
      } else {
        box.removeAttribute('tabindex');
      }
    }
  };

  addEventListener('DOMContentLoaded', () => {
    for (const link of document.querySelectorAll('a.reference.internal[href*="#equation-"]')) {
      const template = document.getElementById(`preview-${link.hash.slice(1)}`);
      if (!template) continue;
      for (const event of ['mouseenter', 'focus']) {
        link.addEventListener(event, () => show(link, template));
      }
      for (const event of ['mouseleave', 'blur', 'click']) link.addEventListener(event, hide);
    }
    addEventListener('keydown', (event) => event.key === 'Escape' && hide());
    addEventListener('resize', reachable);
    // what a box hid had no width; the theme, too, measures its code again when the window changes
    document.addEventListener('toggle', () => dispatchEvent(new Event('resize')), true);
    addEventListener('load', reachable);
    document.fonts.ready.then(reachable);
    document.fonts.addEventListener('loadingdone', reachable);
  });
})();
