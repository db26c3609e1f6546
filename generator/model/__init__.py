"""The experiment: trained, and read layer by layer. It knows Keras."""
