"""The rules of WCAG 2.1 A and AA that axe-core can check, on a page that a browser has opened."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Ears hear the MathML of a formula; its visible copy is thousands of boxes in the ink of the text
# around it, on which the rules would spend minutes.
BLOT = """() => {
    const formulas = [...document.querySelectorAll('.katex-html')];
    const sizes = formulas.map(formula => {
        const {width, height} = formula.getBoundingClientRect();
        const box = formula.closest('.formula, span.math');
        const most = box && box.scrollWidth > box.clientWidth ? 'none' : '100%';
        return `width: ${width}px; max-width: ${most}; height: ${height}px`;
    });
    formulas.forEach((formula, i) => {
        formula.replaceChildren();
        formula.style = `display: inline-block; ${sizes[i]}`; // scrolls where the formula does
    });
}"""
RULES = """async () => {
    const found = await axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
        rules: {'color-contrast': {enabled: false}},
        resultTypes: ['violations'], preload: false,
    });
    return found.violations;
}"""
# Contrast is a matter of how a text looks, not of where it stands: one text of each look, on each
# ground, is enough, and takes seconds where all texts of a page take a minute.
CONTRAST = """async () => {
    const grounds = new Map([[null, '']]);
    const ground = (element) => {
        if (!grounds.has(element)) {
            const {opacity, filter, backgroundColor, backgroundImage} = getComputedStyle(element);
            const own = [opacity, filter, backgroundColor, backgroundImage].join();
            grounds.set(element, `${ground(element.parentElement)}|${own}`);
        }
        return grounds.get(element);
    };
    const looks = new Map();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
        const {color, fontSize, fontWeight} = getComputedStyle(element);
        const look = [color, fontSize, fontWeight, ground(element)].join();
        if (!looks.has(look)) looks.set(look, element);
    }
    const found = await axe.run(
        {include: [...looks.values()]},
        {runOnly: ['color-contrast'], resultTypes: ['violations'], preload: false},
    );
    return found.violations;
}"""


def violations(page: Page) -> list[str]:
    """Rules that the page breaks, contrast apart; each with the number of places and the first."""
    return _found(page, RULES)


def faint_texts(page: Page) -> list[str]:
    """Looks of text without enough contrast, in the theme and at the width the page has now."""
    return _found(page, CONTRAST)


def _found(page: Page, question: str) -> list[str]:
    page.evaluate(BLOT)
    page.evaluate(AXE_SCRIPT)
    return [
        f"{rule['id']} at {len(rule['nodes'])}: {rule['nodes'][0]['target'][0]}"
        for rule in page.evaluate(question)
    ]
