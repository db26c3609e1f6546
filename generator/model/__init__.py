"""The experiment: trains a network, and reads it layer by layer. This package uses Keras."""
