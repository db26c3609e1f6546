"""Templates and typography: the page and the PDF."""
