"""The paper of report/ in a browser: by pointer, by keyboard, without scripts, on narrow and wide screens, in print."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

WIDE, MIDDLE, NARROW = 1280, 768, 320
WATCH_SHIFTS = """window.shifted = 0; new PerformanceObserver(list => {
    for (const entry of list.getEntries()) window.shifted += entry.value })
    .observe({ type: "layout-shift", buffered: true })"""
SHIFTED = """document.fonts.ready.then(() => new Promise(told =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => told(window.shifted))))))"""
"""The layout shift so far, once all that could shift it is there and is drawn."""

Scheme = Literal["light", "dark"]


class Visit:
    """A reader's visit: the page, with every error, request, and refusal that it causes."""

    def __init__(
        self, browser: Browser, site: Path, width: int, scheme: Scheme = "light", scripts: bool = True
    ) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=scripts
        )
        self.context.add_init_script(WATCH_SHIFTS)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page = self.open(site)

    def open(self, site: Path) -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto((site / "index.html").as_uri())
        return page


@pytest.fixture(scope="module")
def wide(browser: Browser, site: Path) -> Page:
    """One page for all tests that leave it as it was."""
    return Visit(browser, site, WIDE).page


@pytest.fixture(scope="module")
def plain(browser: Browser, site: Path) -> Page:
    """The page without scripts, on a wide screen."""
    return Visit(browser, site, WIDE, scripts=False).page


def test_with_nothing_opened_the_page_is_at_most_18000_pixels_high(browser: Browser, site: Path) -> None:
    """A preview has a banner as well, and the sample fills longer tables."""
    page = Visit(browser, site, 1440).page
    most = 18_200 if page.locator(".preview").count() else 18_000
    assert page.evaluate("document.documentElement.scrollHeight") <= most


@pytest.fixture
def peek(wide: Page) -> Iterator[Locator]:
    """What stands beside a link while it is pointed at; nothing is pointed at before and after."""
    wide.mouse.move(0, 0)
    yield wide.locator("#peek")
    wide.mouse.move(0, 0)
    wide.keyboard.press("Escape")


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found
    x, y, width, height = (found[name] for name in ("x", "y", "width", "height"))
    return {"x": x, "y": y, "right": x + width, "bottom": y + height}


def test_a_caption_begins_where_its_figure_begins(browser: Browser, site: Path) -> None:
    """Where a figure is wider than the text, to both sides of it, too."""
    for width in (MIDDLE, 1100, WIDE):
        page = Visit(browser, site, width).page
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
        for figure in page.locator("article figure:not(.margin):has(> figcaption)").all():
            content = figure.locator("> :not(figcaption, .visually-hidden)").first
            assert abs(box(content)["x"] - box(figure.locator("> figcaption"))["x"]) < 1, figure.get_attribute("id")


def test_code_on_a_phone_keeps_its_lines_and_scrolls_beside_their_numbers(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, NARROW).page
    code = page.locator("pre.numbered > code").first
    lines = code.locator(".line")
    height = box(lines.nth(1))["bottom"] - box(lines.nth(1))["y"]
    assert all(box(line)["bottom"] - box(line)["y"] == height for line in lines.all())
    number = lines.first.locator("a")
    before = box(number)["x"]
    code.evaluate("code => { code.scrollLeft = 60 }")
    assert code.evaluate("code => code.scrollLeft") == 60
    assert box(number)["x"] == before


# --- at every width, light and dark --------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, MIDDLE, WIDE])
def test_nothing_is_too_wide_nothing_moves_nothing_fails_and_nothing_leaves(
    browser: Browser, site: Path, width: int, scheme: Scheme
) -> None:
    visit = Visit(browser, site, width, scheme)
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    assert visit.page.evaluate(SHIFTED) == 0
    assert visit.errors == []
    assert [url for url in visit.requests if not url.startswith(("file:", "data:"))] == []
    visit.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(NARROW, "light"), (WIDE, "dark")])
def test_axe_finds_nothing_to_object_to(browser: Browser, site: Path, width: int, scheme: Scheme) -> None:
    visit = Visit(browser, site, width, scheme)
    objections = Axe().run(visit.page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in objections] == []
    visit.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_figure_is_a_box_of_another_brightness(browser: Browser, site: Path, scheme: Scheme) -> None:
    """Charts and pictures of maps stand on the page itself: their grounds are transparent."""
    visit = Visit(browser, site, WIDE, scheme)
    parts = "figure, .chart, .panel, .panel svg, .feature-maps, .maps:not(.diverging)"
    grounds = visit.page.evaluate(f"""[...document.querySelectorAll("{parts}")]
        .map(element => getComputedStyle(element).backgroundColor)""")
    assert set(grounds) == {"rgba(0, 0, 0, 0)"}
    visit.context.close()


# --- light and dark ------------------------------------------------------------------------------


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def test_the_switch_goes_before_the_system_and_is_remembered(browser: Browser, site: Path) -> None:
    visit = Visit(browser, site, WIDE, "light")
    light = ground(visit.page)
    visit.page.get_by_role("radio", name="Dark").check()
    dark = ground(visit.page)
    again = visit.open(site)
    again.wait_for_function("localStorage.getItem('theme') === 'dark'")  # other pages see it a moment later
    for _ in range(20):  # and each page that is loaded may be in a process that does not see it yet
        again.reload()
        if ground(again) == dark:
            break
    assert ground(again) == dark != light
    assert again.get_by_role("radio", name="Dark").is_checked()
    again.get_by_role("radio", name="System").check()
    assert ground(again) == light
    again.emulate_media(color_scheme="dark")
    assert ground(again) == dark
    again.get_by_role("radio", name="Light").check()
    assert ground(again) == light
    visit.context.close()


def test_the_choice_stands_before_anything_is_drawn(browser: Browser, site: Path) -> None:
    visit = Visit(browser, site, WIDE, "light")
    visit.page.get_by_role("radio", name="Dark").check()
    page = visit.context.new_page()
    page.add_init_script("""new MutationObserver(() => {
        if (document.body) window.first ??= document.documentElement.dataset.theme ?? "none" })
        .observe(document, { childList: true, subtree: true })""")
    page.goto((site / "index.html").as_uri())
    assert page.evaluate("window.first") == "dark"
    visit.context.close()


def test_a_browser_that_remembers_nothing_follows_the_system(browser: Browser, site: Path) -> None:
    visit = Visit(browser, site, WIDE, "dark")
    page = visit.context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied') } })")
    page.goto((site / "index.html").as_uri())
    page.get_by_role("radio", name="Light").check()
    assert errors == [] and ground(page) != ground(visit.page)
    visit.context.close()


# --- contents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_the_contents_stay_in_view_where_there_is_room(browser: Browser, site: Path, scripts: bool) -> None:
    page = Visit(browser, site, WIDE, scripts=scripts).page
    entry = page.get_by_role("navigation", name="Contents").get_by_role("link", name="Conclusion")
    before = box(entry)
    page.mouse.wheel(0, 5000)
    page.locator("#conclusion").scroll_into_view_if_needed()
    assert box(entry)["y"] == before["y"]
    assert box(entry)["right"] < box(page.locator("article"))["x"]


def test_the_contents_fold_on_a_narrow_screen(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, NARROW, scripts=False).page
    entry = page.get_by_role("navigation", name="Contents").get_by_role("link", name="Conclusion")
    expect(entry).to_be_hidden()
    page.get_by_text("Contents", exact=True).click()
    expect(entry).to_be_visible()
    entry.click()
    expect(page.locator("#conclusion")).to_be_in_viewport()


def test_the_section_that_is_read_is_marked_in_the_contents(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, WIDE).page
    marked = page.locator(".contents [aria-current]")
    for name in ("Conclusion", "Introduction"):
        page.get_by_role("navigation", name="Contents").get_by_role("link", name=name).click()
        expect(marked).to_have_count(1)
        expect(marked).to_contain_text(name)


# --- previews ------------------------------------------------------------------------------------


def test_a_citation_shows_its_reference_while_it_is_pointed_at(wide: Page, peek: Locator) -> None:
    link = wide.locator(".citation a").first
    link.hover()
    expect(peek).to_contain_text("Gradient-based learning applied to document recognition")
    assert link.get_attribute("aria-describedby") == "peek"
    peek.hover()
    expect(peek).to_be_visible()
    wide.mouse.move(0, 0)
    expect(peek).to_be_hidden()
    assert link.get_attribute("aria-describedby") is None


def test_a_cross_reference_shows_its_figure_on_focus_and_escape_sends_it_away(wide: Page, peek: Locator) -> None:
    link = wide.locator('a.reference[href="#fig:feature-maps"]:visible').first
    focus(wide, link)
    expect(peek.locator("img")).to_be_visible()
    expect(peek).to_contain_text("Feature maps of all channels of every convolution and pooling layer")
    wide.keyboard.press("Escape")
    expect(peek).to_be_hidden()
    expect(link).to_be_focused()


@pytest.mark.parametrize(
    ("target", "shown"), [("fig:architecture", "table"), ("fig:learning-curves", "svg"), ("lst:experiment", "pre")]
)
def test_a_preview_shows_what_kind_of_thing_is_referred_to(wide: Page, peek: Locator, target: str, shown: str) -> None:
    focus(wide, wide.locator(f'a.reference[href="#{target}"]').first)
    expect(peek.locator(shown).or_(peek.locator(f":scope > {shown}")).first).to_be_visible()


def test_a_preview_is_within_the_window_and_repeats_no_id(wide: Page, peek: Locator) -> None:
    for link in wide.locator("a.reference:visible").all()[:12]:
        focus(wide, link)
        expect(peek).to_be_visible()
        place = box(peek)
        assert place["x"] >= 0 and place["right"] <= WIDE and place["y"] >= 0 and place["bottom"] <= 800
        ids = wide.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
        assert len(ids) == len(set(ids))


def focus(page: Page, link: Locator) -> None:
    """Brings the focus to a link as the Tab key does: from what stands before it."""
    link.evaluate("""link => {
        const all = [...document.querySelectorAll("a, button, input:checked, summary, [tabindex='0']")]
            .filter(element => element === link || (element.tabIndex >= 0 && element.checkVisibility()));
        all[all.indexOf(link) - 1].focus() }""")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()


def test_a_bound_number_says_in_words_what_it_is_and_where_it_is_from(wide: Page, peek: Locator) -> None:
    number = wide.locator("#results ~ p a.bound[href='#value:test.accuracy.mean']").first
    plain_line = number.evaluate("link => getComputedStyle(link).textDecorationColor")
    number.hover()
    expect(peek).to_contain_text("Share of the test images that are classified correctly, mean over the replicates: 0.")
    expect(peek).to_contain_text("By replicate: 0.")
    expect(peek).to_contain_text("From the stage “measurements”, in results.json as test.accuracy.mean.")
    assert number.evaluate("link => getComputedStyle(link).textDecorationColor") != plain_line


def test_bound_numbers_are_stops_of_the_tab_key_once_the_reader_asks_for_them(browser: Browser, site: Path) -> None:
    visit = Visit(browser, site, WIDE)
    numbers = visit.page.locator("article a.bound:visible")
    assert {link.get_attribute("tabindex") for link in numbers.all()[:20]} == {"-1"}
    visit.page.get_by_role("button", name="Mark the numbers").click()
    visit.page.keyboard.press("Tab")
    visit.page.locator("#abstract").evaluate("heading => { heading.tabIndex = -1; heading.focus() }")
    visit.page.keyboard.press("Tab")
    expect(visit.page.locator(".abstract a.bound").first).to_be_focused()
    expect(visit.page.locator("#peek")).to_contain_text("Number of epochs requested")
    visit.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_number_leads_to_its_row_which_is_unfolded(browser: Browser, site: Path, scripts: bool) -> None:
    visit = Visit(browser, site, WIDE, scripts=scripts)
    row = visit.page.locator("[id='value:test.accuracy.mean']")
    expect(row).to_be_hidden()
    visit.page.locator("#results ~ p a.bound[href='#value:test.accuracy.mean']").first.click()
    expect(row).to_be_in_viewport()
    visit.context.close()


# --- code ----------------------------------------------------------------------------------------


def test_the_copy_button_gives_the_code_without_line_numbers(browser: Browser, site: Path) -> None:
    visit = Visit(browser, site, WIDE)
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = visit.page.get_by_role("button", name="Copy this code").first
    button.click()
    expect(visit.page.get_by_role("status").filter(has_text="copied")).to_have_text("Code copied.")
    copied = str(visit.page.evaluate("navigator.clipboard.readText()"))
    assert copied.rstrip("\n") == (site.parents[1] / "report" / "experiment.py").read_text().rstrip("\n")
    visit.context.close()


def test_what_is_selected_in_the_listing_is_the_code_alone(wide: Page) -> None:
    selected = str(
        wide.evaluate("""() => {
        getSelection().selectAllChildren(document.querySelector("pre.numbered"));
        const text = getSelection().toString(); getSelection().removeAllRanges(); return text }""")
    )
    assert "def build_model(" in selected
    assert not re.search(r"^\s*\d+\b", selected, re.MULTILINE) and "Copy" not in selected


def test_a_line_can_be_linked_to_and_is_marked(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, WIDE).page
    line = page.locator("#lst-experiment-L16")
    plain_ground = line.evaluate("line => getComputedStyle(line).backgroundColor")
    page.get_by_role("link", name="Line 16", exact=True).click()
    assert page.url.endswith("#lst-experiment-L16")
    assert line.evaluate("line => getComputedStyle(line).backgroundColor") != plain_ground


def test_the_line_numbers_are_one_stop_of_the_tab_key_and_the_arrows_go_on(wide: Page) -> None:
    first = wide.get_by_role("link", name="Line 1", exact=True)
    first.focus()
    wide.keyboard.press("ArrowDown")
    expect(wide.get_by_role("link", name="Line 2", exact=True)).to_be_focused()
    wide.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    assert wide.locator("pre.numbered .line > a[tabindex='0']").count() == 1


def test_of_a_figure_that_is_linked_to_its_name_is_marked(browser: Browser, site: Path) -> None:
    visit = Visit(browser, site, WIDE)
    visit.page.goto(f"{(site / 'index.html').as_uri()}#fig:feature-maps")
    figure = visit.page.locator("figure:target")
    grounds = [
        part.evaluate("part => getComputedStyle(part).backgroundColor") for part in (figure, figure.locator(".label"))
    ]
    assert grounds[0] == "rgba(0, 0, 0, 0)" != grounds[1]
    visit.context.close()


# --- equations -----------------------------------------------------------------------------------


def test_equations_are_set_in_the_face_that_the_page_carries(wide: Page) -> None:
    formula = wide.locator(".equation math")
    assert formula.evaluate("math => document.fonts.check('16px \"STIX Two Math\"', '\U0001d456\U0001d465∑')")
    assert formula.evaluate("math => getComputedStyle(math).fontFamily").startswith('"STIX Two Math"')


# --- notes and small figures ---------------------------------------------------------------------


def test_a_note_stands_in_the_margin_beside_its_call_without_scripts(plain: Page) -> None:
    call, note, text = (
        plain.locator(".footnote-call").first,
        plain.locator(".footnote").first,
        plain.locator("h2 ~ p").first,
    )
    assert box(note)["x"] > box(text)["right"]
    assert abs(box(note)["y"] - box(call)["y"]) < 40


def test_notes_and_figures_in_the_margin_do_not_touch_what_else_is_there(plain: Page) -> None:
    boxes = [box(found) for found in plain.locator(".footnote, figure.margin, figure:not(.margin)").all()]
    touching = [
        (one, other)
        for index, one in enumerate(boxes)
        for other in boxes[index + 1 :]
        if one["x"] < other["right"]
        and other["x"] < one["right"]
        and one["y"] < other["bottom"]
        and other["y"] < one["bottom"]
    ]
    assert touching == []


def test_a_note_follows_the_line_of_its_call_on_a_narrow_screen(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, NARROW, scripts=False).page
    call, note = page.locator(".footnote-call").first, page.locator(".footnote").first
    assert 0 < box(note)["y"] - box(call)["y"] < 60
    call.get_by_role("link").or_(call.locator("a")).first.click()
    assert page.url.endswith("#fn:1")
    note.locator(".footnote-number").click()
    assert page.url.endswith("#fnref:1")


def test_with_scripts_a_note_opens_below_its_paragraph_on_a_narrow_screen(browser: Browser, site: Path) -> None:
    visit = Visit(browser, site, NARROW)
    call, note = visit.page.locator(".footnote-call").first, visit.page.locator(".footnote").first
    expect(note).to_be_hidden()
    call.locator("a").click()
    expect(note).to_be_visible()
    paragraph = visit.page.locator("p:has(> .footnote.open)")
    assert abs(box(note)["y"] - box(paragraph)["bottom"]) < 40
    assert paragraph.evaluate("p => p.lastElementChild.className") == "footnote open"
    call.locator("a").click()
    expect(note).to_be_hidden()
    visit.context.close()


def test_a_small_figure_stands_in_the_margin_only_where_there_is_one(browser: Browser, site: Path, plain: Page) -> None:
    text = box(plain.locator("h2 ~ p").first)
    assert box(plain.locator("figure.margin").first)["x"] > text["right"]
    narrow = Visit(browser, site, NARROW, scripts=False).page
    assert box(narrow.locator("figure.margin").first)["x"] == box(narrow.locator("h2 ~ p").first)["x"]


# --- on a phone, which lays out what is out of view only when all of the page has arrived ---------

WATCH_ARRIVAL = """document.addEventListener("readystatechange", () => {
    const last = [...document.querySelectorAll("article > figure")].at(-1);
    window.arriving = last.getBoundingClientRect().height;
}, { once: true })"""
"""Measures the last figure at the moment when all of the page has arrived."""

LAID_OUT = """() => [...document.querySelectorAll("article > *")]
    .every(block => getComputedStyle(block).contentVisibility === "visible")"""


@pytest.fixture
def phone(browser: Browser, site: Path) -> Iterator[Page]:
    visit = Visit(browser, site, NARROW)
    yield visit.page
    visit.context.close()


def test_a_phone_lays_out_what_is_out_of_view_when_all_has_arrived(browser: Browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": NARROW, "height": 800})
    page.add_init_script(WATCH_ARRIVAL)
    page.goto((site / "index.html").as_uri())
    assert page.evaluate("window.arriving") == 40 * 16, "its estimate, in page.css"
    page.wait_for_function(LAID_OUT)
    height = page.locator("article > figure").last.evaluate("figure => figure.getBoundingClientRect().height")
    assert height != 40 * 16
    page.reload()
    assert page.evaluate("window.arriving") == height, "a reader who comes back is taken to where he was"


def test_the_address_of_a_figure_leads_to_it_on_a_phone(phone: Page) -> None:
    figure = phone.locator("article > figure").last
    address = f"{phone.url}#{figure.get_attribute('id')}"
    phone.goto("about:blank")
    phone.goto(address)
    expect(figure).to_be_in_viewport()


def test_the_network_starts_when_it_comes_into_view(phone: Page) -> None:
    result = phone.locator(".explorer .check-result")
    assert result.text_content() == "Not checked yet."
    phone.locator(".explorer").scroll_into_view_if_needed()
    expect(result).to_contain_text("Checked when the network started")
    expect(phone.locator(".explorer .certainty")).not_to_be_empty()


# --- without scripts, by keyboard, on paper ------------------------------------------------------


def test_without_scripts_all_is_there_but_what_would_not_work(wide: Page, plain: Page) -> None:
    read = """article => {
        const copy = article.cloneNode(true);
        copy.querySelectorAll(".live").forEach(live => live.remove());
        return copy.textContent }"""
    texts = [page.locator("article").evaluate(read) for page in (wide, plain)]
    assert texts[0].replace("Copy", "") == texts[1]
    assert plain.locator("figure").count() == wide.locator("figure").count() > 8
    expect(plain.locator(".theme")).to_be_hidden()
    expect(plain.get_by_role("button")).to_have_count(0)


def test_a_reference_is_a_plain_link_without_scripts(plain: Page) -> None:
    plain.locator("a.reference").first.click()
    target = plain.url.partition("#")[2]
    expect(plain.locator(f"[id='{target}']")).to_be_in_viewport()


def test_the_keyboard_reaches_everything_from_the_top_in_order(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, WIDE).page
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(str(page.evaluate("document.activeElement.textContent || document.activeElement.name")).strip())
    assert reached == ["Skip to the article", "theme", "[4]", "Try the network", "PDF", "Results"]
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_in_print_a_page_that_was_dark_is_black_on_white(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, WIDE).page
    page.get_by_role("radio", name="Dark").check()
    page.emulate_media(media="print")
    ink = page.locator("article p").first.evaluate("p => getComputedStyle(p).color")
    assert (ground(page), ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")


def test_in_print_the_page_is_a_paper(wide: Page) -> None:
    made = pypdf.PdfReader(io.BytesIO(wide.pdf(format="A4")))
    text = "\n".join(page.extract_text() for page in made.pages)
    assert len(made.pages) < 40
    assert "Introduction" in text and "References" in text
    assert not re.search(r"Skip to the article|System\s*Light\s*Dark|^Copy$", text, re.MULTILINE)


def test_in_print_what_the_reader_has_opened_is_there_and_what_is_closed_is_not(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, WIDE).page
    claims, provenance = page.locator("table.claims"), page.locator("table.provenance")
    page.get_by_text("Claims and their verdicts").click()
    page.emulate_media(media="print")
    expect(claims).to_be_visible()
    expect(provenance).to_be_hidden()


def test_in_print_a_sentence_stands_for_a_network_that_has_not_run(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, NARROW, scripts=False).page
    explorer = page.locator(".explorer")
    page.emulate_media(media="print")
    expect(explorer.locator(".instead").first).to_contain_text("The network runs here in a browser")
    expect(explorer.locator(".live")).to_be_hidden()


def test_in_print_the_network_is_as_the_reader_left_it(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, WIDE).page
    explorer = page.locator(".explorer")
    explorer.scroll_into_view_if_needed()
    expect(explorer).to_have_class(re.compile("has-run"))
    page.emulate_media(media="print")
    expect(explorer.locator(".instead").first).to_be_hidden()
    expect(explorer.locator("canvas.maps").first).to_be_visible()
    expect(explorer.locator("b.class")).to_be_visible()
    for control in ("input", "button", ".help", ".pad"):
        expect(explorer.locator(control).first).to_be_hidden()


def test_in_print_layers_out_of_view_are_of_the_image_that_the_reader_chose_last(browser: Browser, site: Path) -> None:
    page = Visit(browser, site, NARROW).page
    page.locator(".explorer").scroll_into_view_if_needed()
    expect(page.locator(".explorer")).to_have_class(re.compile("has-run"))
    last = page.locator("canvas.maps").last
    last.scroll_into_view_if_needed()
    before = last.evaluate("canvas => canvas.toDataURL()")
    images = page.locator("[name=explorer-image]")
    images.first.scroll_into_view_if_needed()
    images.last.check()
    page.pdf()
    assert last.evaluate("canvas => canvas.toDataURL()") != before
