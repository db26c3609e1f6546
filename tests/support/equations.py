"""Equations as papers of the field write them, one for each construct, with the characters that have to be drawn."""

from __future__ import annotations

from typing import NamedTuple


class Equation(NamedTuple):
    """An equation: what it shows, its LaTeX, what a drawing of it must hold, and whether it is displayed.

    `drawn` are the characters of its glyphs in the order in which the PDF's engine sets them, without spaces; "―" is a
    rule, such as the bar of a fraction.
    """

    name: str
    latex: str
    drawn: str
    display: bool = True


GALLERY = (
    Equation("root", r"a = \sqrt{x + 1}", "𝑎=√𝑥+1―"),
    Equation("nested roots", r"\sqrt{1 + \sqrt{1 + \sqrt[3]{x}}}", "√1+√1+3√𝑥―――"),
    Equation("tall root", r"\sqrt{\frac{1}{n} \sum_{i=1}^n (x_i - \mu)^2}", "√1𝑛―∑𝑛𝑖=1(𝑥𝑖−𝜇)2―"),
    Equation("fractions", r"\frac{a}{1 + \frac{b}{c}} + \tfrac12 + \dfrac{1}{2}", "𝑎1+𝑏𝑐――+12―+12―"),
    Equation("inline fraction", r"\frac{e^{z_i}}{\sum_j e^{z_j}}", "𝑒𝑧𝑖∑𝑗𝑒𝑧𝑗―", False),
    Equation(
        "cases",
        r"f(x) = \begin{cases} x & \text{if } x > 0 \\ \alpha x & \text{otherwise} \end{cases}",
        "𝑓(𝑥)={𝑥if𝑥>0𝛼𝑥otherwise",
    ),
    Equation(
        "aligned",
        r"\begin{aligned} L &= \sum_{i=1}^n \ell_i + \lambda \lVert w \rVert_2^2 \\ "
        r"&= \sum_{i=1}^n (y_i - \hat y_i)^2 + \lambda \sum_j w_j^2 \\ &\ge 0 \end{aligned}",
        "𝐿=∑𝑛𝑖=1ℓ𝑖+𝜆‖𝑤‖22=∑𝑛𝑖=1(𝑦𝑖−𝑦ˆ𝑖)2+𝜆∑𝑗𝑤𝑗2≥0",
    ),
    Equation(
        "matrices",
        r"A = \begin{pmatrix} a & b \\ c & d \end{pmatrix} \begin{bmatrix} 1 \\ 0 \end{bmatrix}",
        "𝐴=(𝑎𝑏𝑐𝑑)[10]",
    ),
    Equation(
        "determinants",
        r"\begin{vmatrix} a & b \\ c & d \end{vmatrix} \begin{Vmatrix} a \\ b \end{Vmatrix}",
        "|𝑎𝑏𝑐𝑑|‖𝑎𝑏‖",
    ),
    Equation(
        "large matrix",
        r"\begin{pmatrix} a_{11} & \cdots & a_{1n} \\ \vdots & \ddots & \vdots \\ "
        r"a_{m1} & \cdots & a_{mn} \end{pmatrix}",
        "(𝑎11⋯𝑎1𝑛⋮⋱⋮𝑎𝑚1⋯𝑎𝑚𝑛)",
    ),
    Equation("small matrix", r"\bigl(\begin{smallmatrix} 1 & 0 \\ 0 & 1 \end{smallmatrix}\bigr)", "(1001)"),
    Equation("array", r"\begin{array}{lcr} a & b & c \\ aaa & bbb & ccc \end{array}", "𝑎𝑏𝑐𝑎𝑎𝑎𝑏𝑏𝑏𝑐𝑐𝑐"),
    Equation("norms", r"\lVert \theta \rVert_2^2 + \|x\|_1 + |a|", "‖𝜃‖22+‖𝑥‖1+|𝑎|"),
    Equation("tall norm", r"\left\lVert \frac{x}{\sigma} \right\rVert_F + \left| \frac{a}{b} \right|", "‖𝑥𝜎―‖𝐹+|𝑎𝑏―|"),
    Equation(
        "operator names",
        r"\operatorname{softmax}(z)_i + \operatorname{ReLU}(x) + \operatorname{tr} A",
        "softmax(𝑧)𝑖+ReLU(𝑥)+tr𝐴",
    ),
    Equation(
        "operator name with limits",
        r"\hat\theta = \operatorname*{arg\,min}_{\theta \in \Theta} L(\theta)",
        "𝜃ˆ=argmin𝜃∈Θ𝐿(𝜃)",
    ),
    Equation("argmax", r"\hat y = \argmax_{k} p(k \mid x)", "𝑦ˆ=argmax𝑘𝑝(𝑘∣𝑥)"),
    Equation("arg max inline", r"\operatorname*{arg\,max}_k z_k", "argmax𝑘𝑧𝑘", False),
    Equation(
        "bold Greek",
        r"\boldsymbol{\mu}, \boldsymbol{\Sigma}, \bm{\theta}, \boldsymbol{x}, \mathbf{W}, \mathbf{0}",
        "𝝁,𝚺,𝜽,𝒙,𝐖,𝟎",
    ),
    Equation(
        "Greek",
        r"\alpha \beta \gamma \delta \epsilon \varepsilon \phi \varphi \Gamma \Delta \Theta \Sigma \Omega",
        "𝛼𝛽𝛾𝛿𝜖𝜀𝜙𝜑ΓΔΘΣΩ",
    ),
    Equation(
        "alphabets",
        r"x \in \mathbb{R}^{n}, \mathcal{L}, \mathfrak{g}, \mathscr{F}, \mathrm{KL}, "
        r"\mathsf{T}, \mathtt{id}, \mathbf{xyz}",
        "𝑥∈ℝ𝑛,ℒ,𝔤,ℱ,KL,𝖳,𝚒𝚍,𝐱𝐲𝐳",
    ),
    Equation("indicator", r"\mathbb{1}[y = k] + \mathbf{1}_n", "𝟙[𝑦=𝑘]+𝟏𝑛"),
    Equation("binomials", r"\binom{n}{k} p^k (1-p)^{n-k} + \binom{\frac{n}{2}}{k}", "(𝑛𝑘)𝑝𝑘(1−𝑝)𝑛−𝑘+(𝑛2―𝑘)"),
    Equation(
        "integrals", r"\int_0^1 f \, dx + \iint_D g \, dA + \iiint_V h \, dV + \oint_C F", "∫01𝑓𝑑𝑥+∬𝐷𝑔𝑑𝐴+∭𝑉ℎ𝑑𝑉+∮𝐶𝐹"
    ),
    Equation("inline integral", r"\int_{-\infty}^{\infty} e^{-x^2} dx = \sqrt{\pi}", "∫−∞∞𝑒−𝑥2𝑑𝑥=√𝜋―", False),
    Equation(
        "braces with labels",
        r"\underbrace{a + b}_{\text{bias}} + \overbrace{c + d + e}^{\text{weights}}",
        "𝑎+𝑏⏟bias+𝑐+𝑑+𝑒⏞weights",
    ),
    Equation("overline", r"\overline{x + y} + \bar{x} + \underline{z}", "𝑥+𝑦―+𝑥¯+𝑧―"),
    Equation(
        "accents",
        r"\hat{x} + \tilde{x} + \vec{v} + \dot{x} + \ddot{x} + \check{x} + \breve{x} + \acute{x} + \mathring{x}",
        "𝑥ˆ+𝑥~+𝑣→+𝑥˙+𝑥¨+𝑥ˇ+𝑥˘+𝑥´+𝑥˚",
    ),
    Equation("wide accents", r"\widehat{xyz} + \widetilde{abc} + \overrightarrow{AB}", "𝑥𝑦𝑧̂+𝑎𝑏𝑐̃+𝐴𝐵→"),
    Equation("primes", r"f'(x) + f''(x) + y'_i + x^{\prime 2}", "𝑓′(𝑥)+𝑓″(𝑥)+𝑦𝑖′+𝑥′2"),
    Equation(
        "text", r"\theta_t \text{ is the weight, and } \eta \text{ the rate of 5\%}", "𝜃𝑡istheweight,and𝜂therateof5%"
    ),
    Equation(
        "sums and products",
        r"\sum_{i=1}^{n} \prod_{j \ne i} x_{ij} + \bigcup_{k} A_k + \bigoplus_i V_i + \coprod_i X_i",
        "∑𝑛𝑖=1∏𝑗≠𝑖𝑥𝑖𝑗+⋃𝑘𝐴𝑘+⨁𝑖𝑉𝑖+∐𝑖𝑋𝑖",
    ),
    Equation("inline sum", r"\sum_{i=1}^{n} x_i + \prod_{j} y_j", "∑𝑖=1𝑛𝑥𝑖+∏𝑗𝑦𝑗", False),
    Equation(
        "limits",
        r"\lim_{n \to \infty} a_n + \sup_{x \in X} f + \max_{i} x_i + \liminf_{n} b_n + \min_{w} L",
        "lim𝑛→∞𝑎𝑛+sup𝑥∈𝑋𝑓+max𝑖𝑥𝑖+liminf𝑛𝑏𝑛+min𝑤𝐿",
    ),
    Equation("inline limits", r"\lim_{n \to \infty} a_n + \max_{i} x_i", "lim𝑛→∞𝑎𝑛+max𝑖𝑥𝑖", False),
    Equation(
        "set",
        r"\{ x \in \mathbb{Z} \mid x > 0 \} \cup \varnothing \subseteq "
        r"\left\{ \frac{a}{b} \,\middle|\, b \neq 0 \right\}",
        "{𝑥∈ℤ∣𝑥>0}∪∅⊆{𝑎𝑏―|𝑏≠0}",
    ),
    Equation(
        "left and right",
        r"\left( \frac{a}{b} \right)^2 + \left[ \frac{\frac{a}{b}}{c} \right] + \left. \frac{df}{dx} \right|_{x=0}",
        "(𝑎𝑏―)2+[𝑎𝑏―𝑐―]+𝑑𝑓𝑑𝑥―|𝑥=0",
    ),
    Equation(
        "big delimiters",
        r"\big( \Big( \bigg( \Bigg( x \Bigg) \bigg) \Big) \big) \bigl[ y \bigr] \Big| z",
        "((((𝑥))))[𝑦]|𝑧",
    ),
    Equation(
        "brackets",
        r"\langle u, v \rangle + \lfloor x \rfloor + \lceil y \rceil + \left\langle \frac{u}{v} \right\rangle",
        "⟨𝑢,𝑣⟩+⌊𝑥⌋+⌈𝑦⌉+⟨𝑢𝑣―⟩",
    ),
    Equation("dots", r"x_1, \dots, x_n, \; 1 + \cdots + n, \; \ldots", "𝑥1,…,𝑥𝑛,1+⋯+𝑛,…"),
    Equation(
        "arrows",
        r"f \colon X \to Y, x \mapsto y, A \Rightarrow B, A \iff B, a \leftarrow b, \uparrow \downarrow",
        "𝑓:𝑋→𝑌,𝑥↦𝑦,𝐴⇒𝐵,𝐴⟺𝐵,𝑎←𝑏,↑↓",
    ),
    Equation(
        "arrows with labels",
        r"X_n \xrightarrow{d} X, \quad A \xleftarrow[n \to \infty]{\text{in law}} B",
        "𝑋𝑛→𝑑𝑋,𝐴←inlaw𝑛→∞𝐵",
    ),
    Equation("over and under", r"a \overset{!}{=} b \underset{x}{\sim} c \stackrel{\text{def}}{=} d", "𝑎=!𝑏∼𝑥𝑐=def𝑑"),
    Equation("softmax", r"p_k = \frac{\exp(z_k / T)}{\sum_{j=1}^{K} \exp(z_j / T)}", "𝑝𝑘=exp(𝑧𝑘/𝑇)∑𝑗=1𝐾exp(𝑧𝑗/𝑇)―"),
    Equation(
        "cross-entropy",
        r"\mathcal{L}(\theta) = -\frac{1}{N} \sum_{i=1}^{N} \sum_{k=1}^{K} y_{ik} \log p_\theta(k \mid x_i)",
        "ℒ(𝜃)=−1𝑁―∑𝑁𝑖=1∑𝐾𝑘=1𝑦𝑖𝑘log𝑝𝜃(𝑘∣𝑥𝑖)",
    ),
    Equation(
        "convolution",
        r"(f * g)[m, n] = \sum_{i=-r}^{r} \sum_{j=-r}^{r} f[i, j] \, g[m - i, n - j]",
        "(𝑓∗𝑔)[𝑚,𝑛]=∑𝑟𝑖=−𝑟∑𝑟𝑗=−𝑟𝑓[𝑖,𝑗]𝑔[𝑚−𝑖,𝑛−𝑗]",
    ),
    Equation(
        "discrete convolution",
        r"y_{i,j,c} = b_c + \sum_{u,v,d} W_{u,v,d,c} \, x_{si+u,\, sj+v,\, d} \ast k \star l \circledast m",
        "𝑦𝑖,𝑗,𝑐=𝑏𝑐+∑𝑢,𝑣,𝑑𝑊𝑢,𝑣,𝑑,𝑐𝑥𝑠𝑖+𝑢,𝑠𝑗+𝑣,𝑑∗𝑘⋆𝑙⊛𝑚",
    ),
    Equation(
        "Adam",
        r"\begin{aligned} m_t &= \beta_1 m_{t-1} + (1 - \beta_1) g_t \\ v_t &= \beta_2 v_{t-1} + (1 - \beta_2) g_t^2 "
        r"\\ \theta_t &= \theta_{t-1} - \eta \, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} \end{aligned}",
        "𝑚𝑡=𝛽1𝑚𝑡−1+(1−𝛽1)𝑔𝑡𝑣𝑡=𝛽2𝑣𝑡−1+(1−𝛽2)𝑔𝑡2𝜃𝑡=𝜃𝑡−1−𝜂𝑚ˆ𝑡√𝑣ˆ𝑡―+𝜖―",
    ),
    Equation(
        "batch normalization",
        r"\hat{x}_i = \gamma \frac{x_i - \mu_{\mathcal{B}}}{\sqrt{\sigma_{\mathcal{B}}^2 + \epsilon}} + \beta",
        "𝑥ˆ𝑖=𝛾𝑥𝑖−𝜇ℬ√𝜎ℬ2+𝜖――+𝛽",
    ),
    Equation(
        "KL divergence",
        r"D_{\mathrm{KL}}(P \parallel Q) = \int p(x) \log \frac{p(x)}{q(x)} \, dx",
        "𝐷KL(𝑃∥𝑄)=∫𝑝(𝑥)log𝑝(𝑥)𝑞(𝑥)―𝑑𝑥",
    ),
    Equation(
        "expectation",
        r"\mathbb{E}_{x \sim p}\left[ f(x) \right] = \operatorname{Var}[X] + \mathbb{E}[X]^2",
        "𝔼𝑥∼𝑝[𝑓(𝑥)]=Var[𝑋]+𝔼[𝑋]2",
    ),
    Equation(
        "Jacobian",
        r"J = \frac{\partial (y_1, \ldots, y_m)}{\partial (x_1, \ldots, x_n)}, \quad "
        r"\nabla_\theta L, \quad \frac{\partial^2 f}{\partial x^2}",
        "𝐽=∂(𝑦1,…,𝑦𝑚)∂(𝑥1,…,𝑥𝑛)―,∇𝜃𝐿,∂2𝑓∂𝑥2―",
    ),
    Equation(
        "Gaussian",
        r"\mathcal{N}(x; \mu, \Sigma) = \frac{1}{\sqrt{(2\pi)^d |\Sigma|}} "
        r"\exp\left( -\frac12 (x-\mu)^\top \Sigma^{-1} (x-\mu) \right)",
        "𝒩(𝑥;𝜇,Σ)=1√(2𝜋)𝑑|Σ|――exp(−12―(𝑥−𝜇)⊤Σ−1(𝑥−𝜇))",
    ),
    Equation(
        "attention",
        r"\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left( \frac{QK^\top}{\sqrt{d_k}} \right) V",
        "Attention(𝑄,𝐾,𝑉)=softmax(𝑄𝐾⊤√𝑑𝑘――)𝑉",
    ),
    Equation(
        "min-max game",
        r"\min_G \max_D \; \mathbb{E}_{x \sim p_{\text{data}}}[\log D(x)] + \mathbb{E}_{z}[\log(1 - D(G(z)))]",
        "min𝐺max𝐷𝔼𝑥∼𝑝data[log𝐷(𝑥)]+𝔼𝑧[log(1−𝐷(𝐺(𝑧)))]",
    ),
    Equation(
        "relations",
        r"a \leq b \geq c \ll d \approx e \equiv f \propto g \perp h \models i \prec j \not= k \notin l",
        "𝑎≤𝑏≥𝑐≪𝑑≈𝑒≡𝑓∝𝑔⟂ℎ⊧𝑖≺𝑗≠𝑘∉𝑙",
    ),
    Equation("logic", r"\forall x \exists y : x \land y \lor \neg z \implies \bot", "∀𝑥∃𝑦:𝑥∧𝑦∨¬𝑧⟹⊥"),
    Equation(
        "operators",
        r"a \pm b \times c \cdot d \odot e \otimes f \oplus g \div h \setminus i \circ j",
        "𝑎±𝑏×𝑐·𝑑⊙𝑒⊗𝑓⊕𝑔÷ℎ⧵𝑖∘𝑗",
    ),
    Equation("stacked limits", r"\sum_{\substack{i = 1 \\ i \neq j}}^n a_i + \sum\limits_{k} b_k", "∑𝑛𝑖=1𝑖≠𝑗𝑎𝑖+∑𝑘𝑏𝑘"),
    Equation("split", r"\begin{split} a &= b + c \\ &= d \end{split}", "𝑎=𝑏+𝑐=𝑑"),
    Equation(
        "functions",
        r"\sin^2 \theta + \cos^2 \theta = 1, \; \log_2 n, \; \ln x, \; \tanh z, \; \det A, \; \exp x, \; \Pr(A)",
        "sin2𝜃+cos2𝜃=1,log2𝑛,ln𝑥,tanh𝑧,det𝐴,exp𝑥,Pr(𝐴)",
    ),
    Equation("modulus", r"a \equiv b \pmod{n}, \; a \bmod b", "𝑎≡𝑏(mod𝑛),𝑎mod𝑏"),
    Equation("phantom and space", r"a \quad b \; c \, d \! e \phantom{xxx} f", "𝑎𝑏𝑐𝑑𝑒𝑓"),
    Equation(
        "letters of other kinds",
        r"\ell, \hbar, \Re z, \Im z, \aleph_0, \infty, \emptyset, \partial, \nabla, \imath",
        "ℓ,ℏ,ℜ𝑧,ℑ𝑧,ℵ0,∞,∅,∂,∇,𝚤",
    ),
    Equation("continued fraction", r"1 + \cfrac{1}{2 + \cfrac{1}{2 + \ddots}}", "1+12+12+⋱――"),
    Equation("numbers", r"0.98 \pm 0.01, \; 10{,}000, \; 3 \times 10^{-4}", "0.98±0.01,10,000,3×10−4"),
    Equation("script of a script", r"e^{-\frac{x^2}{2\sigma^2}} + x_{i_{j_k}} + {}_a^b X", "𝑒−𝑥22𝜎2―+𝑥𝑖𝑗𝑘+𝑎𝑏𝑋"),
    Equation("dagger and star", r"A^\dagger, x^*, A^\top, A^{-1}, 90^\circ, x_\perp", "𝐴†,𝑥∗,𝐴⊤,𝐴−1,90∘,𝑥⟂"),
)
