"""A paper, its article, and its edition, as small as a page can be that has everything a page may have."""

from __future__ import annotations

import datetime
from functools import partial

from generator.paper import Original, Paper
from generator.records.article import Article, ArticleText, Heading, Reference
from generator.records.edition import Edition
from generator.render import page

# To cut the faces of a page takes seconds; this one has none of the characters.
render_page = partial(page.render_page, font_rules="@font-face { font-family: x; src: url(data:font/woff2;base64,) }")
SQUARE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNg+M/wnwEABgAB/4/x/JoAAAAASUVO"
    "RK5CYII="
)
SENTENCE = "A layer reads a small window of the layer beneath it, and passes on what it finds as a map. "
ROWS = "".join(f'<tr><th scope="row">row {n}</th><td>{n}</td></tr>' for n in range(6))
FIRST = '<span class="line" data-line="1"><span class="k">def</span> f():</span>'
BODY = f"""
<h2 id="one"><span class="section-number">1</span> Beginning</h2>
<p>{SENTENCE * 4} See
<a href="#fig:square">Figure 1</a> and <span class="citation">[<a href="#ref-key">1</a>]</span>.</p>
<p>{SENTENCE * 4}</p>
<figure id="lst:code"><figcaption><span class="label">Listing 1</span> Code.</figcaption>
<pre class="highlight numbered" tabindex="0"><code>{FIRST}
<span class="line" data-line="2"></span>
<span class="line" data-line="3">    return {"1 + " * 60}1</span>
</code></pre></figure>
<h3 id="two"><span class="section-number">1.1</span> Middle</h3>
<figure id="fig:square"><div class="feature-maps"><div class="layer"><img class="maps" src="{SQUARE}" width="880"
height="440" alt="A square."></div></div>
<figcaption><span class="label">Figure 1</span> A square.</figcaption></figure>
<figure id="tbl:rows"><table><caption><span class="label">Table 1</span> Rows.</caption><thead>
<tr><th scope="col">Row</th><th scope="col">Number</th></tr></thead><tbody>{ROWS}</tbody></table></figure>
<h2 id="refs"><span class="section-number">2</span> References</h2>
<ol class="references"><li id="ref-key">An Author, <i>A Title</i>, 2001.</li></ol>
"""
ORIGINAL = Original(title="Squares", author="Una Origin", date=datetime.date(2024, 8, 3), citation="key")
PAPER = Paper(
    title="On Small Squares",
    authors=("Ann O’Author", "Bo Writer"),
    date=datetime.date(2025, 11, 22),
    description="About squares.",
    license="CC BY 4.0",
    original=ORIGINAL,
)
ARTICLE = Article(
    abstract="<p>It is about squares.</p>",
    abstract_text="It is about squares.",
    body=BODY,
    text=ArticleText((), {}),
    headings=(
        Heading(id="one", level=2, number="1", html="Beginning"),
        Heading(id="two", level=3, number="1.1", html="Middle"),
        Heading(id="refs", level=2, number="2", html="References"),
    ),
    references=(Reference(key="key", id="ref-key", number=1, html="", text=""),),
)
EDITION = Edition(date=datetime.date(2025, 12, 1), commit="a1b2c3d", dirty=False, preview=None, generator="0.1.0")
