"""Templates and type: the page and the PDF."""
